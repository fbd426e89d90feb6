using System.Collections.Immutable;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

public sealed class NoticeTests
{
    private static ImmutableArray<ResourceRef> Many(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new ResourceRef("Secret", "a", $"s{i}"))];

    [Theory]
    [InlineData(false, "u.7.changed")]
    [InlineData(true, "u.7.deleted")]
    public void A_small_notice_is_one_event_with_a_deterministic_id(bool deleted, string id)
    {
        var hint = new Hint.ObjectChanged { Object = new("Secret", "a", "b"), Deleted = deleted };

        Assert.Equal([(id, hint)], new Notice(hint, "u", "7").Events());
    }

    [Fact]
    public void Too_many_references_are_told_in_several_events_that_can_each_be_read()
    {
        var hint = new Hint.NamespaceChanged { Namespace = "n", Sources = Many(1201), Mirrors = Many(3) };

        var events = new Notice(hint, "u", "7").Events().ToList();

        Assert.Equal(["u.7.changed.0", "u.7.changed.1", "u.7.changed.2"], events.Select(e => e.Id));
        var read = events.Select(e => (Hint.NamespaceChanged)HintJson.Read(
            e.Hint.EventType, System.Text.Json.JsonDocument.Parse(HintJson.Write(e.Hint)).RootElement)!).ToList();
        Assert.Equal(hint.Sources, read.SelectMany(e => e.Sources));
        Assert.Equal(hint.Mirrors, read.SelectMany(e => e.Mirrors));
    }

    [Fact]
    public void A_sync_names_the_versions_of_the_lists()
    {
        var completeness = new Completeness([Kinds.Secret, Kinds.Namespace]);
        completeness.Complete(Kinds.Secret, "12");

        Assert.Equal(["sync.10-12.completed"], completeness.Complete(Kinds.Namespace, "10")!.Events().Select(e => e.Id));
    }
}
