using System.Collections.Immutable;

namespace Heliograph.Hns.Tests.Texts;

/// <summary>One namespace, described.</summary>
public sealed class DescribeTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DescribeText Lonely = new("eng", "", [], ImmutableDictionary<string, string>.Empty, false, [], []);

    [Fact]
    public void A_lonely_namespace_has_nothing() => Equal(
        """
        Hierarchy configuration for namespace eng
          No parent
          No children
          Allows Cascading Deletion: false
          No conditions

        No recent HNC events for objects in this namespace
        """,
        Lonely);

    [Fact]
    public void Children_and_anchors_are_told_apart() => Equal(
        """
        Hierarchy configuration for namespace eng
          Parent: org
          Children:
          - a
          - b (subnamespace)
          - c (Missing subnamespace)
          - d (Conflict subnamespace)
          - e (Missing subnamespace)
          Allows Cascading Deletion: true
          Conditions:
          - ActivitiesHalted (ParentMissing): Parent "org" does not exist
          - BadConfiguration (SubnamespaceAnchorMissing): The anchor is missing in the parent namespace

        No recent HNC events for objects in this namespace
        """,
        Lonely with
        {
            Parent = "org",
            Children = ["b", "a"],
            Anchors = ImmutableDictionary.CreateRange([KeyValuePair.Create("b", "Ok"), KeyValuePair.Create("c", "Missing"), KeyValuePair.Create("d", "Conflict"), KeyValuePair.Create("e", "")]),
            AllowsCascadingDeletion = true,
            Conditions =
            [
                new Condition("ActivitiesHalted", "ParentMissing", "Parent \"org\" does not exist"),
                new Condition("BadConfiguration", "SubnamespaceAnchorMissing", "The anchor is missing in the parent namespace"),
            ],
        });

    [Fact]
    public void Of_the_same_reason_for_the_same_object_only_the_newest_is_told() => Equal(
        """
        Hierarchy configuration for namespace eng
          No parent
          No children
          Allows Cascading Deletion: false
          No conditions

        Events from the objects in namespace eng
        Last Seen Reason                Object              Message
        30s       Conflict              Secret:eng/registry newer
        5m        CannotPropagateObject Role:eng/reader     it has finalizers
        """,
        Lonely with
        {
            Events =
            [
                new ToldEvent(Now - TimeSpan.FromMinutes(5), "CannotPropagateObject", "Role:eng/reader", "it has finalizers\n"),
                new ToldEvent(Now - TimeSpan.FromMinutes(7), "Conflict", "Secret:eng/registry", "older"),
                new ToldEvent(Now - TimeSpan.FromSeconds(30), "Conflict", "Secret:eng/registry", "newer"),
            ],
        });

    private static void Equal(string expected, DescribeText text) => Assert.Equal(expected, string.Join('\n', text.Lines(Now)), ignoreLineEndingDifferences: true);
}
