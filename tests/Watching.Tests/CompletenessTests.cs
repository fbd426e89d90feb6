using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

public sealed class CompletenessTests
{
    private readonly Completeness completeness = new([Kinds.Secret, Kinds.ConfigMap, Kinds.Namespace]);

    private void CompleteAll()
    {
        Assert.Null(completeness.Complete(Kinds.Secret, "1"));
        Assert.Null(completeness.Complete(Kinds.ConfigMap, "2"));
        Assert.NotNull(completeness.Complete(Kinds.Namespace, "3"));
    }

    [Fact]
    public void It_is_told_when_the_last_list_is_complete() => CompleteAll();

    [Fact]
    public void It_is_told_again_after_a_later_list_of_one_kind()
    {
        CompleteAll();
        completeness.Begin(Kinds.Secret);

        Assert.NotNull(completeness.Complete(Kinds.Secret, "9"));
    }

    [Fact]
    public void While_two_kinds_are_listed_again_it_is_told_once()
    {
        CompleteAll();
        completeness.Begin(Kinds.Secret);
        completeness.Begin(Kinds.ConfigMap);

        Assert.Null(completeness.Complete(Kinds.Secret, "9"));
        Assert.NotNull(completeness.Complete(Kinds.ConfigMap, "9"));
    }

    [Fact]
    public void A_refused_kind_is_not_waited_for()
    {
        completeness.Complete(Kinds.Secret, "1");
        completeness.Complete(Kinds.Namespace, "3");

        Assert.NotNull(completeness.Refuse(Kinds.ConfigMap));
        completeness.Begin(Kinds.ConfigMap);
        Assert.Null(completeness.Refuse(Kinds.ConfigMap));
    }

    [Fact]
    public void A_refused_kind_that_is_granted_later_is_told()
    {
        completeness.Complete(Kinds.Secret, "1");
        completeness.Complete(Kinds.Namespace, "3");
        completeness.Refuse(Kinds.ConfigMap);
        completeness.Begin(Kinds.ConfigMap);

        Assert.NotNull(completeness.Complete(Kinds.ConfigMap, "4"));
    }

    [Fact]
    public void Where_everything_is_refused_nothing_is_told()
    {
        Assert.Null(completeness.Refuse(Kinds.Secret));
        Assert.Null(completeness.Refuse(Kinds.ConfigMap));
        Assert.Null(completeness.Refuse(Kinds.Namespace));
    }

    [Fact]
    public void A_kind_that_is_not_there_is_not_waited_for_and_its_coming_and_going_is_told()
    {
        completeness.Complete(Kinds.Secret, "1");
        completeness.Complete(Kinds.Namespace, "3");
        var first = completeness.Absent(Kinds.ConfigMap)!;
        completeness.Begin(Kinds.ConfigMap);
        Assert.True(completeness.IsComplete);
        Assert.Null(completeness.Absent(Kinds.ConfigMap));

        Assert.NotNull(completeness.Complete(Kinds.ConfigMap, "4"));
        completeness.Begin(Kinds.ConfigMap);
        var gone = completeness.Absent(Kinds.ConfigMap)!;
        Assert.NotEqual(first.Events().Single().Id, gone.Events().Single().Id);
        Assert.Null(completeness.Absent(Kinds.ConfigMap));
    }

    [Fact]
    public void A_kind_that_goes_while_another_is_listed_is_told_with_that()
    {
        CompleteAll();
        completeness.Begin(Kinds.ConfigMap);
        completeness.Begin(Kinds.Secret);
        Assert.Null(completeness.Absent(Kinds.ConfigMap));

        Assert.NotNull(completeness.Complete(Kinds.Secret, "5"));
    }
}
