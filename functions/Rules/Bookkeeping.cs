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
    /// <summary>Every key that any dialect's bookkeeping may have left on a mirror, requests not among them.</summary>
    private static readonly ImmutableArray<string> Keys =
    [
        Vocabulary.Heliograph.Source, Vocabulary.Heliograph.SourceUid, Vocabulary.Heliograph.SourceVersion, Vocabulary.Heliograph.Mirror, Vocabulary.Heliograph.OnRelease,
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
        else if (source.Specification.OnRelease == OnRelease.Keep)
            annotations[Vocabulary.Heliograph.OnRelease] = "keep";
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
                if (source.Object.Kind.Copied.Any(field => field.Shape == FieldShape.Map))
                    annotations[Replicator.ReplicatedKeys] = string.Join(',', copiedPaths.Select(KeyOf).Order(StringComparer.Ordinal));
                break;
        }
        return annotations.ToImmutable();
    }

    /// <summary>The annotation that tells when the copy was made; null where the dialect has none.</summary>
    public static KeyValuePair<string, string>? CopiedAt(Dialect dialect, DateTimeOffset now) => dialect switch
    {
        Dialect.Reflector => new(Reflector.ReflectedAt, now.ToString("O", CultureInfo.InvariantCulture)),
        Dialect.Replicator => new(Replicator.ReplicatedAt, now.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture)),
        _ => null,
    };

    /// <summary>The bookkeeping on an object that leaves it when its mirror is released or made by another dialect.</summary>
    /// <param name="mirror">The object.</param>
    /// <param name="onRequest">Whether it is the user's own; then its request stays.</param>
    public static IEnumerable<string> On(Snapshot mirror, bool onRequest) =>
        Keys.Concat(onRequest ? [] : [Reflector.Reflects]).Where(key => mirror.Annotations.ContainsKey(key));

    /// <summary>The keys that Replicator's bookkeeping says were copied; null where there is none.</summary>
    public static ImmutableArray<string>? CopiedKeys(Snapshot mirror) =>
        mirror.Annotation(Replicator.ReplicatedKeys)?.Split(',', StringSplitOptions.RemoveEmptyEntries).ToImmutableArray();

    /// <summary>The key in a path such as <c>data/tls.crt</c>.</summary>
    public static string KeyOf(string path) => path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
