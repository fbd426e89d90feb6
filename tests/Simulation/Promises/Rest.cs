using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.Promises;

/// <summary>Looks at the world when nothing moves any more: is everything as the objects in it demand?</summary>
internal sealed class Rest
{
    private const string Promise = "it converges";

    private readonly Dictionary<ResourceRef, StoredThing> things;
    private readonly Dictionary<string, StoredThing> namespaces;
    private readonly Lineage? lineage;

    private Rest(FakeApiServer server, IEnumerable<Kind> kinds, Lineage? lineage)
    {
        this.lineage = lineage;
        things = kinds.SelectMany(kind => server.ReadAll(kind, withContent: true))
            .ToDictionary(read => read.Ref, read => new StoredThing(read, server.Body(read.Kind, read.Namespace, read.Name)!));
        namespaces = server.ReadAll(Kinds.Namespace).ToDictionary(read => read.Name, read => new StoredThing(read, server.Body(Kinds.Namespace, "", read.Name)!));
    }

    /// <summary>Checks every place that anybody has something to say about.</summary>
    /// <exception cref="BrokenPromiseException">Something is not as it must be.</exception>
    public static void Check(FakeApiServer server, Conditions conditions)
    {
        var lineage = conditions.Trees is { } trees ? new Lineage(server, trees) : null;
        if (lineage is not null)
            new TreeRest(server, conditions, lineage).Check();
        var rest = new Rest(server, conditions.Kinds, lineage);
        var names = rest.things.Values.Select(thing => rest.WantsOf(thing).MirrorName).Concat(rest.things.Keys.Select(place => place.Name)).Distinct().ToList();
        foreach (var kind in conditions.Kinds)
        {
            foreach (var ns in rest.namespaces.Values.Where(ns => !ns.Deleting))
            {
                foreach (var name in names)
                    rest.Check(new ResourceRef(kind.Name, ns.Ref.Name, name), ns);
            }
        }
    }

    private void Check(ResourceRef place, StoredThing ns)
    {
        var stands = things.GetValueOrDefault(place);
        if (stands is { Deleting: true })
            return;
        var wanted = things.Values.Where(source => source.Kind.Name == place.Kind && source.Ref != place)
            .Select(source => (Source: source, Wants: WantsOf(source).Push(place, ns)))
            .Where(one => one.Wants.Answer != Answer.No)
            // What is pushed explicitly goes before what is inherited, and of that the topmost.
            .OrderBy(one => one.Wants.Speech == Speech.Inheritance ? -lineage!.Distance(one.Source.Ref.Namespace, ns.Ref.Name) : int.MinValue)
            .ThenBy(one => one.Source.Created).ThenBy(one => one.Source.Ref.Namespace, StringComparer.Ordinal).ThenBy(one => one.Source.Ref.Name, StringComparer.Ordinal)
            .ToList();
        var winner = wanted.FirstOrDefault(one => one.Wants.Answer == Answer.Yes);
        if (stands is null)
        {
            if (winner.Source is not null)
                throw Broken(place, $"is missing: {winner.Source.Ref} wants it");
            return;
        }
        var wants = WantsOf(stands);
        var isFrozen = wanted.Any(one => one.Wants.Answer == Answer.Unknown && one.Source.Ref == (stands.MadeOf ?? wants.LeftBehindBy));
        var (asks, asked, speech) = wants.Request;
        // An object that somebody made say that it is a copy of itself belongs to nobody.
        if (asks == Answer.Unknown || stands.CopyOf == place)
            return;
        if (asked is { } requested)
            CheckFilled(stands, requested, speech, ns);
        else if (isFrozen)
            return;
        else if (stands.MadeOf is { } made)
        {
            if (winner.Source is not null || !IsPaused(stands, made))
                CheckMade(stands, made, winner.Source, winner.Wants.Speech);
        }
        else if (winner.Source is { } source && MustBecome(stands, wants, source.Ref) && !IsKept(stands, source, winner.Wants.Speech))
            throw Broken(place, $"is not a mirror of {source.Ref}, which wants it and may have it");
        else if (wants.LeftBehindBy is { } former && !stands.IsFilledOnRequest && !wanted.Any(one => one.Source.Ref == former) && !wants.IsGiven && !IsReleaseBroken(former)
            && !IsPaused(stands, former) && !(IsMerged(stands) && stands.IsLocked))
            throw Broken(place, $"is left behind by {former}, which does not want it");
    }

    private Wants WantsOf(StoredThing thing) => new(thing, lineage);

    /// <summary>Whether a copy was inherited, and nothing is done to such copies at present.</summary>
    private bool IsPaused(StoredThing copy, ResourceRef source) =>
        lineage is not null && copy.Labels.TextOf(Hnc.InheritedFrom) == source.Namespace
        && (copy.MadeOf is null || !copy.IsTracked || copy.IsOurs("labels/" + Hnc.InheritedFrom)) && lineage.IsPaused(copy.Kind, copy.Ref.Namespace);

    private static bool MustBecome(StoredThing stands, Wants wants, ResourceRef source) =>
        wants.LeftBehindBy is { } former && !stands.IsFilledOnRequest
            ? former == source || wants.IsGiven
            : wants.IsGiven || (!stands.IsFilledOnRequest && ((wants.IsLeftByReplicator && stands.Ref.Name == source.Name) || (stands.HoldsNothing && !wants.IsSource)));

    private void CheckMade(StoredThing mirror, ResourceRef made, StoredThing? winner, Speech speech)
    {
        if (winner is null)
        {
            if (!IsReleaseBroken(made) && !KeepsForeignKeys(mirror))
                throw Broken(mirror.Ref, $"is an orphan: {made} does not want it");
            return;
        }
        if (made != winner.Ref)
        {
            if (!IsKept(mirror, winner, speech))
                throw Broken(mirror.Ref, $"is a mirror of {made}, but {winner.Ref} has the better right");
            return;
        }
        if (!IsKept(mirror, winner, speech))
            CheckCopy(mirror, winner, speech, onRequest: false);
    }

    private void CheckFilled(StoredThing mirror, ResourceRef requested, Speech speech, StoredThing ns)
    {
        if (!things.TryGetValue(requested, out var source))
        {
            if (speech == Speech.Replicator && mirror.CopyOf == requested && mirror.IsTracked && !mirror.IsLocked && mirror.Payload.FirstOrDefault(pair => mirror.IsOurs(pair.Key)).Key is { } left)
                throw Broken(mirror.Ref, $"still has {left} of {requested}, which is gone");
            return;
        }
        if (source.Deleting || Upstream(source).Contains(mirror.Ref))
            return;
        var wants = WantsOf(source);
        var permitted = wants.Permits(ns);
        if (permitted == Answer.No && !wants.IsRefinementBroken && wants.Push(mirror.Ref, ns).Answer == Answer.Yes)
            permitted = Answer.Yes;
        if (permitted == Answer.Yes && !mirror.IsLocked)
            CheckCopy(mirror, source, speech, onRequest: true);
    }

    /// <summary>Where a source's own content comes from, and so on.</summary>
    private List<ResourceRef> Upstream(StoredThing source)
    {
        var chain = new List<ResourceRef>();
        for (var next = source; WantsOf(next) is var wants && (wants.Request.Source ?? next.MadeOf ?? wants.LeftBehindBy) is { } above && !chain.Contains(above);)
        {
            chain.Add(above);
            if (!things.TryGetValue(above, out next))
                break;
        }
        return chain;
    }

    private static void CheckCopy(StoredThing mirror, StoredThing source, Speech speech, bool onRequest)
    {
        if (mirror.CopyOf != source.Ref || mirror.Annotations.TextOf(Ours.SourceUid) != source.Uid)
            throw Broken(mirror.Ref, $"does not say that it is a copy of {source.Ref}");
        if (mirror.Annotations.TextOf(Ours.SourceVersion) != source.Version)
            throw Broken(mirror.Ref, $"is stale: it is a copy of {source.Ref}@{mirror.Annotations.TextOf(Ours.SourceVersion)} instead of {source.Version}");
        var isInherited = speech == Speech.Inheritance;
        var expected = isInherited ? source.Payload.ToDictionary(StringComparer.Ordinal) : Copied(source);
        var standing = mirror.Payload.ToDictionary(StringComparer.Ordinal);
        foreach (var (path, value) in expected)
        {
            if (!value.Equals(standing.GetValueOrDefault(path)))
                throw Broken(mirror.Ref, $"does not have {path} as {source.Ref} has it");
        }
        var isMerged = speech == Speech.Replicator;
        foreach (var path in standing.Keys.Where(path => !expected.ContainsKey(path)))
        {
            var isWhole = !path.Contains('/', StringComparison.Ordinal);
            if (isMerged ? mirror.IsOurs(path) || (isWhole && !onRequest) : true)
                throw Broken(mirror.Ref, $"has {path}, which {source.Ref} does not have");
        }
        if (!onRequest && source.Kind.Frozen is { } frozen && !Equals(source.Body[frozen], mirror.Body[frozen]))
            throw Broken(mirror.Ref, $"has another {frozen} than {source.Ref}");
        if (isInherited)
            CheckMarks(mirror, source);
        else if (source.Annotations.TextOf(Ours.SetLabels) is { Length: > 0 } set && mirror.Labels.TextOf("set") != set[5..])
            throw Broken(mirror.Ref, $"does not have the label that {source.Ref} sets");
        if (isMerged != mirror.Annotations[Replicator.ReplicatedFromVersion] is not null || speech == Speech.Reflector != mirror.Annotations[Reflector.AutoReflects] is not null)
            throw Broken(mirror.Ref, "bears the marks of another vocabulary");
    }

    /// <summary>Inherited copies bear HNC's labels and all that their source bears, but for what HNC itself, or we, said there.</summary>
    private static void CheckMarks(StoredThing copy, StoredThing source)
    {
        if (copy.Labels.TextOf(Hnc.InheritedFrom) != source.Ref.Namespace || copy.Labels.TextOf(Hnc.ManagedByLabel) != Hnc.Group)
            throw Broken(copy.Ref, $"does not bear the labels of what is inherited from {source.Ref.Namespace}");
        if (source.Labels.Members.Any(label => label.Key == "app" && !label.Value.Equals(copy.Labels[label.Key])))
            throw Broken(copy.Ref, $"does not bear the labels of {source.Ref}");
        if (copy.Annotations.Members.Keys.FirstOrDefault(key => Hnc.Owns(key) && copy.IsOurs("annotations/" + key)) is { } exception)
            throw Broken(copy.Ref, $"bears {exception}, which is never copied");
    }

    /// <summary>What of a source is copied, under the names it gets.</summary>
    private static Dictionary<string, Json> Copied(StoredThing source)
    {
        var copied = new Dictionary<string, Json>(StringComparer.Ordinal);
        foreach (var (path, value) in source.Payload)
        {
            if (path.Split('/') is not [var field, var key])
                copied[path] = value;
            else if (source.Annotations.TextOf(Ours.Keys) switch { "k1" => key == "k1", "k.*" => key[0] == 'k', _ => true })
                copied[$"{field}/{(source.Annotations.TextOf(Ours.RenameKeys) == "k1=z" && key == "k1" ? "z" : key)}"] = value;
        }
        return copied;
    }

    /// <summary>Whether a mirror that cannot be changed is kept for the sake of what others put into it.</summary>
    private static bool IsKept(StoredThing mirror, StoredThing source, Speech speech) =>
        speech == Speech.Replicator && mirror.Payload.Any(pair => !mirror.IsOurs(pair.Key))
        && (mirror.IsLocked || (source.Kind.Frozen is { } frozen && !Equals(source.Body[frozen], mirror.Body[frozen])));

    private static bool KeepsForeignKeys(StoredThing mirror) =>
        IsMerged(mirror) && mirror.Payload.Any(pair => !mirror.IsOurs(pair.Key));

    private static bool IsMerged(StoredThing mirror) => mirror.Annotations[Replicator.ReplicatedKeys] is not null || mirror.Annotations[Replicator.ReplicatedFromVersion] is not null;

    /// <summary>Whether a source says in words that cannot be read what becomes of its mirrors.</summary>
    private bool IsReleaseBroken(ResourceRef source) => things.TryGetValue(source, out var at) && WantsOf(at).IsOnReleaseBroken;

    private static BrokenPromiseException Broken(ResourceRef place, string what) => new(Promise, $"{place} {what}");
}
