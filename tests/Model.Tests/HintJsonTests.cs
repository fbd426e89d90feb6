using System.Collections.Immutable;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Heliograph.Model.Tests;

public sealed class HintJsonTests
{
    private static readonly ResourceRef Registry = new("Secret", "team-a", "registry");

    [Fact]
    public void A_changed_object_is_written_like_this() =>
        Assert.Equal(
            """{"object":"Secret/team-a/registry","uid":"u-1","resourceVersion":"7","namespacesVersion":"5","source":true,"mirrorOf":["Secret/a/b"],"mirrors":["Secret/c/d","Secret/e/f"]}""",
            Text(new Hint.ObjectChanged
            {
                Object = Registry,
                Uid = "u-1",
                ResourceVersion = "7",
                NamespacesVersion = "5",
                IsSource = true,
                MirrorOf = [new("Secret", "a", "b")],
                Mirrors = [new("Secret", "c", "d"), new("Secret", "e", "f")],
            }));

    [Fact]
    public void A_changed_namespace_is_written_like_this() =>
        Assert.Equal("""{"namespace":"team-a","sources":["Secret/team-a/registry"]}""", Text(new Hint.NamespaceChanged { Namespace = "team-a", Sources = [Registry] }));

    [Fact]
    public void A_completed_sync_says_nothing_more() => Assert.Equal("{}", Text(new Hint.SyncCompleted()));

    [Fact]
    public void Event_types_and_subjects_are_these()
    {
        var changed = new Hint.ObjectChanged { Object = Registry };
        Assert.Equal(("dev.heliograph.object.changed", "/namespaces/team-a/Secret/registry"), (changed.EventType, changed.Subject));
        Assert.Equal("dev.heliograph.object.deleted", (changed with { Deleted = true }).EventType);
        var ns = new Hint.NamespaceChanged { Namespace = "team-a" };
        Assert.Equal(("dev.heliograph.namespace.changed", "/namespaces/team-a"), (ns.EventType, ns.Subject));
        var sync = new Hint.SyncCompleted();
        Assert.Equal(("dev.heliograph.sync.completed", "/"), (sync.EventType, sync.Subject));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var references = Gen.Elements("a", "b-c", "kube-system").Three()
            .Select(parts => new ResourceRef("Secret", parts.Item1, parts.Item2)).ListOf().Select(list => list.ToImmutableArray());
        var objects =
            from mirrorOf in references
            from mirrors in references
            from uid in Gen.Elements("", "u-1")
            from version in Gen.Elements("", "7")
            from deleted in ArbMap.Default.GeneratorFor<bool>()
            from source in ArbMap.Default.GeneratorFor<bool>()
            select (Hint)new Hint.ObjectChanged { Object = Registry, Deleted = deleted, Uid = uid, ResourceVersion = version, NamespacesVersion = version, IsSource = source, MirrorOf = mirrorOf, Mirrors = mirrors };
        var namespaces =
            from sources in references
            from mirrors in references
            select (Hint)new Hint.NamespaceChanged { Namespace = "n", Sources = sources, Mirrors = mirrors };
        Prop.ForAll(Gen.OneOf(objects, namespaces, Gen.Constant((Hint)new Hint.SyncCompleted())).ToArbitrary(), hint =>
        {
            var read = HintJson.Read(hint.EventType, Parse(Text(hint)));
            return read!.GetType() == hint.GetType() && Text(read) == Text(hint) && read.EventType == hint.EventType && read.Subject == hint.Subject;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Unknown_members_are_passed_over()
    {
        var read = HintJson.Read(EventTypes.ObjectChanged, Parse("""{"object":"Secret/a/b","later":{"x":[1]},"source":"yes"}"""));
        var changed = Assert.IsType<Hint.ObjectChanged>(read);
        Assert.Equal(("", false), (changed.Uid, changed.IsSource));
    }

    [Fact]
    public void An_unknown_type_is_no_hint() => Assert.Null(HintJson.Read("dev.heliograph.object.levitated", Parse("{}")));

    [Theory]
    [InlineData(EventTypes.ObjectChanged, "null", "the event's data has no text \"object\"")]
    [InlineData(EventTypes.ObjectChanged, "[]", "the event's data has no text \"object\"")]
    [InlineData(EventTypes.ObjectChanged, "\"Secret/a/b\"", "the event's data has no text \"object\"")]
    [InlineData(EventTypes.ObjectDeleted, "{}", "the event's data has no text \"object\"")]
    [InlineData(EventTypes.ObjectChanged, """{"object":7}""", "the event's data has no text \"object\"")]
    [InlineData(EventTypes.ObjectChanged, """{"object":""}""", "the event's data has no text \"object\"")]
    [InlineData(EventTypes.ObjectChanged, """{"object":"Secret/a"}""", "\"Secret/a\" is not of the form Kind/namespace/name")]
    [InlineData(EventTypes.ObjectChanged, """{"object":"Secret/../b"}""", "\"Secret/../b\" is not of the form Kind/namespace/name")]
    [InlineData(EventTypes.ObjectChanged, """{"object":"Secret/a/b","mirrors":{}}""", "the event's \"mirrors\" is not a list of at most 500 references")]
    [InlineData(EventTypes.ObjectChanged, """{"object":"Secret/a/b","mirrorOf":[7]}""", "\"\" is not of the form Kind/namespace/name")]
    [InlineData(EventTypes.NamespaceChanged, "{}", "the event's data has no text \"namespace\"")]
    [InlineData(EventTypes.NamespaceChanged, """{"namespace":"n","sources":"x"}""", "the event's \"sources\" is not a list of at most 500 references")]
    public void Malformed_data_is_refused_by_name(string type, string json, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => HintJson.Read(type, Parse(json))).Message);

    [Fact]
    public void More_references_than_the_limit_are_refused_and_long_ones_are_not_quoted_in_full()
    {
        var many = string.Join(',', Enumerable.Repeat("\"Secret/a/b\"", HintJson.MaxReferences + 1));
        Assert.Throws<FormatException>(() => HintJson.Read(EventTypes.NamespaceChanged, Parse($$"""{"namespace":"n","sources":[{{many}}]}""")));
        var e = Assert.Throws<FormatException>(() => HintJson.Read(EventTypes.ObjectChanged, Parse($$"""{"object":"{{new string('x', 5000)}}"}""")));
        Assert.InRange(e.Message.Length, 1, 200);
    }

    private static string Text(Hint hint) => System.Text.Encoding.UTF8.GetString(HintJson.Write(hint));

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
