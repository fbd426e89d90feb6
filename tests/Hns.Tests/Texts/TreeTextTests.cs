using System.Collections.Immutable;

namespace Heliograph.Hns.Tests.Texts;

/// <summary>Trees as they are drawn.</summary>
public sealed class TreeTextTests
{
    private static readonly ImmutableArray<Condition> None = [];

    [Fact]
    public void A_tree_has_branches_and_says_what_its_marks_mean() => Equal(
        """
        eng
        ├── [s] gamestore
        │   └── [s] gamestore-v1
        └── ops

        [s] indicates subnamespaces
        """,
        new TreeText(Example()).Of(["eng"]));

    [Fact]
    public void All_trees_begin_with_their_roots() => Equal(
        """
        eng
        ├── [s] gamestore
        │   └── [s] gamestore-v1
        └── ops
        lonely

        [s] indicates subnamespaces
        """,
        new TreeText(Example()).All());

    [Fact]
    public void Without_subnamespaces_and_conditions_there_is_nothing_but_the_tree() => Equal("ops", new TreeText(Example()).Of(["ops"]));

    [Fact]
    public void A_condition_is_a_footnote_and_the_same_condition_the_same_footnote()
    {
        var halted = new Condition("ActivitiesHalted", "AncestorHaltActivities", "paused");
        Equal(
            """
            a (1)
            ├── b (2)
            └── c (2,3)

            Conditions:
            1) ActivitiesHalted (ParentMissing): Parent "x" does not exist
            2) ActivitiesHalted (AncestorHaltActivities): paused
            3) BadConfiguration (SubnamespaceAnchorMissing): The anchor is missing in the parent namespace
            """,
            new TreeText(new Forest(
            [
                new Member("a", "x", false, [new Condition("ActivitiesHalted", "ParentMissing", "Parent \"x\" does not exist")]),
                new Member("b", "a", false, [halted]),
                new Member("c", "a", false, [new Condition("BadConfiguration", "SubnamespaceAnchorMissing", "The anchor is missing in the parent namespace"), halted]),
            ])).Of(["a"]).Select(line => line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Namespaces_in_a_cycle_are_drawn_one_by_one_whether_the_controller_saw_it_or_not(bool isSeen)
    {
        ImmutableArray<Condition> seen = isSeen ? [new Condition("ActivitiesHalted", "InCycle", "a <- b <- a")] : [];
        var note = isSeen ? " (1)" : "";
        var notes = isSeen ? "\n\nConditions:\n1) ActivitiesHalted (InCycle): a <- b <- a" : "";
        Equal(
            $"a{note}\n└── below\nb{note}{notes}",
            new TreeText(new Forest([new Member("a", "b", false, seen), new Member("b", "a", false, seen), new Member("below", "a", false, None)])).All());
    }

    [Fact]
    public void Who_waits_for_a_parent_that_is_not_there_is_not_forgotten() =>
        Equal("orphan\n└── child", new TreeText(new Forest([new Member("orphan", "gone", false, None), new Member("child", "orphan", false, None)])).All());

    [Fact]
    public void Mirrors_stand_below_the_namespace_that_they_are_in()
    {
        var inherited = new[] { ("gamestore", "Role/reader from eng"), ("gamestore", "Secret/registry from eng"), ("gamestore-v1", "Secret/registry from eng"), ("ops", "Secret/registry from eng") }
            .ToLookup(copy => copy.Item1, copy => copy.Item2);
        Equal(
            """
            eng
            ├── [s] gamestore
            │   │   Role/reader from eng
            │   │   Secret/registry from eng
            │   └── [s] gamestore-v1
            │           Secret/registry from eng
            └── ops
                    Secret/registry from eng

            [s] indicates subnamespaces
            """,
            new TreeText(Example(), ns => inherited[ns]).Of(["eng"]));
    }

    [Fact]
    public void A_chain_of_thousands_is_drawn()
    {
        var chain = Enumerable.Range(0, 3000).Select(i => new Member($"n{i:0000}", i == 0 ? "" : $"n{i - 1:0000}", false, None));
        Assert.Equal(3000, new TreeText(new Forest(chain)).All().Count);
    }

    private static Forest Example() => new(
    [
        new Member("gamestore-v1", "gamestore", true, None), new Member("lonely", "", false, None), new Member("eng", "", false, None), new Member("ops", "eng", false, None),
        new Member("gamestore", "eng", true, None),
    ]);

    private static void Equal(string expected, IEnumerable<string> lines) => Assert.Equal(expected, string.Join('\n', lines), ignoreLineEndingDifferences: true);
}
