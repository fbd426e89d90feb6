using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Rules;

/// <summary>
/// The annotations by which mirrors are recognised: ours on every mirror, and exactly the peer's own for the dialect it was made by.
/// </summary>
internal static class Bookkeeping
{
    /// <summary>
    /// Every key that only ever is bookkeeping. <c>reflects</c> and <c>on-release</c> are not among them: they can be the owner's own words.
    /// </summary>
    private static readonly ImmutableArray<string> Keys =
    [
        Vocabulary.Heliograph.Source, Vocabulary.Heliograph.SourceUid, Vocabulary.Heliograph.SourceVersion, Vocabulary.Heliograph.NamespacesVersion,
        Vocabulary.Heliograph.Mirror,
        Reflector.AutoReflects, Reflector.ReflectedVersion, Reflector.ReflectedAt,
        Replicator.ReplicatedAt, Replicator.ReplicatedFromVersion, Replicator.ReplicatedKeys,
    ];

    /// <summary>The annotations that a mirror must bear, save for the time of the copy.</summary>
    /// <param name="source">The source, at the version that is copied.</param>
    /// <param name="policy">How the mirror is made.</param>
    /// <param name="onRequest">Whether the mirror is the user's own object.</param>
    /// <param name="copiedPaths">The paths (see <see cref="FieldOwnership"/>) that are copied.</param>
    public static ImmutableSortedDictionary<string, string> Expected(
        SourceView source, MirrorPolicy policy, bool onRequest, ImmutableArray<string> copiedPaths)
    {
        var annotations = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        annotations[Vocabulary.Heliograph.Source] = source.Ref.ToString();
        annotations[Vocabulary.Heliograph.SourceUid] = source.Object.Uid;
        annotations[Vocabulary.Heliograph.SourceVersion] = source.Object.ResourceVersion;
        if (onRequest)
            annotations[Vocabulary.Heliograph.Mirror] = Vocabulary.Heliograph.MirrorOnRequest;
        // The source's word goes before the operator's, also when the source is gone. Where it cannot be read, it is the one that deletes nothing.
        else if ((source.Specification.OnReleaseFault is null ? source.Specification.OnRelease : OnRelease.Keep) is { } word)
            annotations[Vocabulary.Heliograph.OnRelease] = word == OnRelease.Keep ? "keep" : "delete";
        switch (policy.Dialect)
        {
            case Dialect.Reflector:
                annotations[Reflector.AutoReflects] = onRequest ? "False" : "True";
                annotations[Reflector.ReflectedVersion] = source.Object.ResourceVersion;
                if (!onRequest)
                    annotations[Reflector.Reflects] = $"{source.Object.Namespace}/{source.Object.Name}";
                break;
            case Dialect.Replicator:
                annotations[Replicator.ReplicatedFromVersion] = source.Object.ResourceVersion;
                if (source.Object.Kind.HasKeys)
                    annotations[Replicator.ReplicatedKeys] = string.Join(',', copiedPaths.Select(KeyOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
                break;
        }
        return annotations.ToImmutable();
    }

    /// <summary>The annotation in which a dialect tells when the copy was made, or by what knowledge; null where it has none. Its value follows from nothing else.</summary>
    public static string? TimeKey(Dialect dialect) => dialect switch
    {
        Dialect.Reflector => Reflector.ReflectedAt,
        Dialect.Replicator => Replicator.ReplicatedAt,
        Dialect.Inheritance => Vocabulary.Heliograph.NamespacesVersion,
        _ => null,
    };

    /// <summary>What that annotation says on a mirror that is written now; null where there is nothing to say.</summary>
    public static string? TimeOf(MirrorPolicy policy, DateTimeOffset now) =>
        policy.Dialect == Dialect.Inheritance ? policy.NamespacesVersion is { Length: > 0 } version ? version : null : Time(policy.Dialect, now);

    /// <summary>A time in the form the dialect's own controller writes, in UTC.</summary>
    public static string Time(Dialect dialect, DateTimeOffset now) => dialect == Dialect.Reflector
        ? now.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)
        : now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>
    /// The source of which we made this object; null where we did not make it, or only filled it on request. It takes the source's UID too, or our
    /// field manager, so that one annotation copied from somewhere does not give an object away.
    /// </summary>
    public static ResourceRef? MadeOf(Snapshot read) =>
        ResourceRef.TryParse(read.Annotation(Vocabulary.Heliograph.Source), out var source)
        && source.Kind == read.Kind.Name
        && !IsFilledOnRequest(read)
        && (!string.IsNullOrEmpty(read.Annotation(Vocabulary.Heliograph.SourceUid)) || read.Ownership.IsOurs("annotations/" + Vocabulary.Heliograph.Source))
            ? source
            : null;

    /// <summary>Whether we filled this object on its own request, be it withdrawn by now or not.</summary>
    public static bool IsFilledOnRequest(Snapshot read) => read.Annotation(Vocabulary.Heliograph.Mirror) == Vocabulary.Heliograph.MirrorOnRequest;

    /// <summary>
    /// Whether the object is a copy that its namespace inherited from a source, made by us or left behind by HNC. On what we made, the label must be ours too:
    /// nobody makes an inherited copy of a mirror by writing a label.
    /// </summary>
    public static bool IsInherited(Snapshot read, ResourceRef source) =>
        read.Labels.GetValueOrDefault(Hnc.InheritedFrom) == source.Namespace
        && (MadeOf(read) is null || !read.Ownership.Known || read.Ownership.IsOurs("labels/" + Hnc.InheritedFrom));

    /// <summary>The labels that are bookkeeping on an object.</summary>
    public static IEnumerable<string> LabelsOn(Snapshot mirror) =>
        mirror.Labels.ContainsKey(Hnc.InheritedFrom) ? [Hnc.InheritedFrom, Hnc.ManagedByLabel] : [];

    /// <summary>The bookkeeping on an object. It leaves when the mirror is let go of, and what is not written again leaves with every write.</summary>
    public static IEnumerable<string> On(Snapshot mirror)
    {
        foreach (var key in Keys)
        {
            if (mirror.Annotations.ContainsKey(key))
                yield return key;
        }
        if (mirror.Annotations.ContainsKey(Vocabulary.Heliograph.OnRelease) && MadeOf(mirror) is not null)
            yield return Vocabulary.Heliograph.OnRelease;
        if (mirror.Annotations.ContainsKey(Reflector.Reflects) && ReflectorDialect.IsBookkeeping(mirror))
            yield return Reflector.Reflects;
    }

    /// <summary>Whether the mirror was merged, so that keys of others may be in it.</summary>
    public static bool IsMerged(Snapshot mirror) =>
        mirror.Annotation(Replicator.ReplicatedKeys) is not null || mirror.Annotation(Replicator.ReplicatedFromVersion) is not null;

    /// <summary>The keys that Replicator's bookkeeping says were copied.</summary>
    public static ImmutableArray<string> CopiedKeys(Snapshot mirror) =>
        mirror.Annotation(Replicator.ReplicatedKeys)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToImmutableArray() ?? [];

    /// <summary>The key in a path such as <c>data/tls.crt</c>.</summary>
    public static string KeyOf(string path) => path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
