using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Simulation.World;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.Promises;

/// <summary>Looks at every single write of ours: was it ours to write, and is what others put there still there?</summary>
internal static class Trespass
{
    private const string Promise = "we change only what is ours";

    /// <summary>Checks one write.</summary>
    /// <param name="target">The object.</param>
    /// <param name="kind">Its row of the kinds table.</param>
    /// <param name="before">How it was; null where there was none.</param>
    /// <param name="after">How it is; null where there is none.</param>
    /// <param name="owned">Whether we owned a path of it before.</param>
    /// <param name="offered">Whether an object elsewhere has a path, so that a mirror that is made anew may have it from there.</param>
    /// <exception cref="BrokenPromiseException">It was not ours to write, or something of others is lost.</exception>
    public static void Check(ResourceRef target, Kind kind, Json.Map? before, Json.Map? after, Func<string, bool> owned, Func<string, bool> offered)
    {
        if (after is not null && Annotations(after).TextOf(Ours.Source) == target.ToString())
            throw Broken(target, "was made a mirror of itself");
        if (before is null)
            return;
        var said = Annotations(before);
        var isMade = said.TextOf(Ours.Source).Length > 0 && (said.TextOf(Ours.SourceUid).Length > 0 || owned("annotations/" + Ours.Source)) && said.TextOf(Ours.Mirror).Length == 0;
        var asks = new[] { Ours.PullFrom, Replicator.ReplicateFrom }.Any(key => said[key] is not null)
            || (said[Reflector.Reflects] is not null && !IsAutomatic(said));
        var isLeftBehind = before.MapOf("metadata").MapOf("labels")[Hnc.InheritedFrom] is not null || IsAutomatic(said) || said[Replicator.ReplicatedFromVersion] is not null;
        var isGiven = said.TextOf(Ours.Adopt).Trim().ToUpperInvariant() is "TRUE" or "1" or "T" || HoldsNothing(kind, before);
        if (!isMade && !asks && !isLeftBehind && !isGiven && said.TextOf(Ours.Mirror).Length == 0)
            throw Broken(target, $"is a stranger's and was written; it said {{ {string.Join("; ", said.Members.Select(pair => $"{pair.Key}: {pair.Value}"))} }}");
        if (after is null)
            CheckDeletion(target, kind, before, isMade, isLeftBehind || isGiven, asks && !isMade, path => owned(path) || offered(path));
        else
            CheckUpdate(target, kind, before, after, owned);
    }

    private static void CheckDeletion(ResourceRef target, Kind kind, Json.Map before, bool isMade, bool isHandedOver, bool isTheirs, Func<string, bool> owned)
    {
        if (!(isMade || isHandedOver) || isTheirs)
            throw Broken(target, "is somebody's own and was deleted");
        // What was handed over may become a mirror of a kind that is copied as a whole.
        if (!isMade || Annotations(before)[Replicator.ReplicatedFromVersion] is null)
            return;
        foreach (var path in Paths(kind, before).Where(path => !owned(path) && !IsCopied(before, path)))
            throw Broken(target, $"was deleted with {path}, which somebody else had put there");
    }

    private static void CheckUpdate(ResourceRef target, Kind kind, Json.Map before, Json.Map after, Func<string, bool> owned)
    {
        foreach (var (where, prefix) in new[] { ("labels", "labels/"), ("annotations", "annotations/") })
        {
            if (before.MapOf("metadata").MapOf(where)[Users.Handmade] is not null && after.MapOf("metadata").MapOf(where)[Users.Handmade] is null && !owned(prefix + Users.Handmade))
                throw Broken(target, $"lost the {where[..^1]} that a user had put there");
        }
        if (Annotations(after)[Replicator.ReplicatedFromVersion] is null)
            return;
        var kept = Paths(kind, after).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Paths(kind, before).Where(path => !kept.Contains(path) && !owned(path) && !IsCopied(before, path)))
            throw Broken(target, $"lost {path}, which somebody else had put there");
        foreach (var path in kept.Where(path => !IsCopied(after, path) && ValueAt(before, path) is { } value && !value.Equals(ValueAt(after, path))))
            throw Broken(target, $"has another value at {path}, which somebody else had put there");
    }

    private static bool IsAutomatic(Json.Map said) => "true".Equals(said.TextOf(Reflector.AutoReflects).Trim(), StringComparison.OrdinalIgnoreCase);

    private static bool IsCopied(Json.Map body, string path) =>
        Annotations(body).TextOf(Replicator.ReplicatedKeys).Split(',', StringSplitOptions.TrimEntries).Contains(path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..]);

    private static bool HoldsNothing(Kind kind, Json.Map body) => kind.WrittenWhole && !Paths(kind, body).Any() && kind.Copied.All(field => field.Shape == FieldShape.Map || body[field.Name] is null);

    private static IEnumerable<string> Paths(Kind kind, Json.Map body) =>
        kind.Copied.Where(field => field.Shape == FieldShape.Map).SelectMany(field => body.MapOf(field.Name).Members.Keys.Select(key => $"{field.Name}/{key}"));

    private static Json? ValueAt(Json.Map body, string path) => path.Split('/') is [var field, var key] ? body.MapOf(field)[key] : null;

    private static Json.Map Annotations(Json.Map body) => body.MapOf("metadata").MapOf("annotations");

    private static BrokenPromiseException Broken(ResourceRef target, string what) => new(Promise, $"{target} {what}");
}
