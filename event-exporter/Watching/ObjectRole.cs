using System.Collections.Frozen;
using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// What an object is to us, read off its annotations without judging them: whether a pattern is valid or a permission given is for the functions
/// to say. Where in doubt the answer is "more", which costs a look; "less" would cost a mirror.
/// </summary>
internal readonly record struct ObjectRole
{
    /// <summary>The keys that a mirror bears. Every other key of the vocabularies, known or not, makes a source.</summary>
    private static readonly FrozenSet<string> mirrorKeys = FrozenSet.Create(
        StringComparer.Ordinal,
        Vocabulary.Heliograph.Source, Vocabulary.Heliograph.SourceUid, Vocabulary.Heliograph.SourceVersion, Vocabulary.Heliograph.NamespacesVersion, Vocabulary.Heliograph.PullFrom,
        Vocabulary.Heliograph.Mirror, Vocabulary.Heliograph.OnRelease, Vocabulary.Heliograph.Adopt,
        Vocabulary.Reflector.Reflects, Vocabulary.Reflector.AutoReflects, Vocabulary.Reflector.ReflectedVersion, Vocabulary.Reflector.ReflectedAt,
        Vocabulary.Replicator.ReplicateFrom, Vocabulary.Replicator.ReplicatedAt, Vocabulary.Replicator.ReplicatedFromVersion,
        Vocabulary.Replicator.ReplicatedKeys);

    private static readonly string[] claimKeys =
        [Vocabulary.Reflector.Reflects, Vocabulary.Replicator.ReplicateFrom, Vocabulary.Heliograph.PullFrom];

    /// <summary>Whether any annotation belongs to the vocabularies, or a label says that it was inherited.</summary>
    public required bool Speaks { get; init; }

    /// <summary>
    /// Whether it says anything that only sources say, or asks for something without naming a source: no other object leads there, so it is looked at for its own
    /// sake, and whoever wrote it is told what is wrong.
    /// </summary>
    public bool IsSource { get; init; }

    /// <summary>Whether it says anything that only mirrors say.</summary>
    public bool IsMirror { get; init; }

    /// <summary>The name of its mirrors where it asks to be pushed; null where it can only be pulled.</summary>
    public string? PushedName { get; init; }

    /// <summary>The sources it names as its own: the one we copied from and those it asks for. No duplicates, never itself.</summary>
    public ImmutableArray<ResourceRef> Claims { get; init; }

    /// <summary>On a mirror that we made: the source as we noted it; otherwise null.</summary>
    public ResourceRef? CopyOf { get; init; }

    /// <summary>On a mirror that we made: the source's version as we noted it; otherwise null.</summary>
    public string? CopiedVersion { get; init; }

    /// <summary>On an inherited copy that we made: the version of the namespaces that whoever wrote it knew, as we noted it; otherwise null.</summary>
    public string? NamespacesVersion { get; init; }

    /// <summary>Reads it off an object.</summary>
    /// <param name="snapshot">The object.</param>
    /// <param name="inherits">Whether inheritance is on: then the label of inherited copies says something, too.</param>
    public static ObjectRole Of(Snapshot snapshot, bool inherits = false)
    {
        if (!snapshot.SpeaksToUs)
            return new ObjectRole { Speaks = false, Claims = [] };
        var keys = snapshot.Annotations.Keys.Where(Vocabulary.Contains).ToList();
        var ancestor = inherits ? snapshot.Labels.GetValueOrDefault(Vocabulary.Hnc.InheritedFrom) : null;
        if (keys.Count == 0 && ancestor is null)
            return new ObjectRole { Speaks = false, Claims = [] };
        var isCopy = ResourceRef.TryParse(snapshot.Annotation(Vocabulary.Heliograph.Source), out var source);
        var claims = ReadClaims(snapshot, isCopy ? source : null, ancestor);
        return new ObjectRole
        {
            Speaks = true,
            IsSource = keys.Exists(key => !mirrorKeys.Contains(key) || (claims.IsEmpty && (key == Vocabulary.Heliograph.Adopt || claimKeys.Contains(key)))),
            IsMirror = ancestor is not null || keys.Exists(mirrorKeys.Contains),
            PushedName = keys.Exists(AsksToBePushed) ? MirrorName(snapshot) : null,
            Claims = claims,
            CopyOf = isCopy ? source : null,
            CopiedVersion = isCopy ? snapshot.Annotation(Vocabulary.Heliograph.SourceVersion) : null,
            NamespacesVersion = isCopy && ancestor is not null ? snapshot.Annotation(Vocabulary.Heliograph.NamespacesVersion) : null,
        };
    }

    private static bool AsksToBePushed(string key) =>
        key is Vocabulary.Reflector.AutoEnabled or Vocabulary.Replicator.ReplicateTo or Vocabulary.Replicator.ReplicateToMatching
        || key.StartsWith(Vocabulary.Heliograph.PushTo, StringComparison.Ordinal);

    private static string MirrorName(Snapshot source) =>
        source.Annotation(Vocabulary.Heliograph.Name)?.Trim() is { Length: > 0 } template
            ? template.Replace("{name}", source.Name, StringComparison.Ordinal).Replace("{namespace}", source.Namespace, StringComparison.Ordinal)
            : source.Name;

    private static ImmutableArray<ResourceRef> ReadClaims(Snapshot mirror, ResourceRef? copyOf, string? ancestor)
    {
        var claims = new HashSet<ResourceRef>();
        if (copyOf is { } source)
            claims.Add(source);
        foreach (var key in claimKeys)
        {
            if (mirror.Annotation(key) is { } text && NamedSource(text, mirror.Kind) is { } named)
                claims.Add(named);
        }
        if (ancestor is not null && ResourceRef.CanStandInPath(ancestor))
            claims.Add(mirror.Ref with { Namespace = ancestor });
        claims.Remove(mirror.Ref);
        return [.. claims];
    }

    /// <summary>Reads <c>namespace/name</c>. Reflector trims the parts; that the others do not is no reason to miss what they mean.</summary>
    private static ResourceRef? NamedSource(string text, Kind kind)
    {
        var parts = text.Split('/', StringSplitOptions.TrimEntries);
        return parts is [{ Length: > 0 } ns, { Length: > 0 } name] ? new ResourceRef(kind.Name, ns, name) : null;
    }
}
