using Heliograph.Model;

namespace Heliograph.Rules.Tests;

/// <summary>Asks the rules one question and answers with a word.</summary>
internal static class Ask
{
    public static RuleSettings Defaults { get; } = new();

    /// <summary>Whether a source pushes into a namespace: <c>push</c>, <c>no</c> or <c>frozen</c>.</summary>
    public static string Push(Obj source, Obj ns, RuleSettings? settings = null) => WordOf(PushWish(source, ns, settings));

    public static Wish PushWish(Obj source, Obj ns, RuleSettings? settings = null, string? name = null)
    {
        settings ??= Defaults;
        return Wish.Of(
            SourceView.Read(source, settings), new ResourceRef(source.Kind.Name, ns.Name, name ?? source.Name), ns, request: null, cycle: null, settings);
    }

    /// <summary>Whether an object in a namespace may be filled from a source: <c>pull</c>, <c>denied</c> or <c>frozen</c>.</summary>
    public static string Pull(Obj source, Obj ns, RuleSettings? settings = null) => WordOf(PullWish(source, ns, settings));

    public static Wish PullWish(Obj source, Obj ns, RuleSettings? settings = null)
    {
        settings ??= Defaults;
        var asking = Obj.Of(source.Kind, $"{ns.Name}/asking").Annotate(Keys.PullFrom, $"{source.Namespace}/{source.Name}");
        return Wish.Of(SourceView.Read(source, settings), ((Snapshot)asking).Ref, ns, Dialects.ReadRequest(asking), cycle: null, settings);
    }

    /// <summary>What is decided on a cell; the rivals and what is upstream are given where they matter.</summary>
    public static Intent Decide(Cell cell) => Decision.Decide(cell);

    public static Cell Cell(Obj? source, Obj? mirror, Obj ns, RuleSettings? settings = null, string? sourceRef = null, string? place = null)
    {
        settings ??= Defaults;
        var named = source is null ? Ref(sourceRef!) : ((Snapshot)source).Ref;
        return new Cell
        {
            SourceRef = named,
            Source = source is null ? null : SourceView.Read(source, settings),
            Place = mirror is not null ? ((Snapshot)mirror).Ref : place is not null ? Ref(place) : named with { Namespace = ns.Name },
            Namespace = ns,
            Mirror = mirror is null ? null : (Snapshot)mirror,
            Settings = settings,
        };
    }

    private static ResourceRef Ref(string text) => ResourceRef.TryParse(text, out var reference) ? reference : throw new ArgumentException(text);

    private static string WordOf(Wish wish) => wish switch
    {
        Wish.Push => "push",
        Wish.Pull => "pull",
        Wish.Nothing => "no",
        Wish.Denied => "denied",
        Wish.Frozen => "frozen",
        _ => throw new ArgumentException(wish.ToString()),
    };
}
