using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// All dialects together. An object may speak several: its pushes are tried in the order ours, Reflector's, Replicator's, and whoever any of them
/// permits may pull.
/// </summary>
public static class Dialects
{
    /// <summary>What an object says of itself as a source.</summary>
    public static SourceSpecification ReadSource(Snapshot source)
    {
        if (!source.SpeaksToUs)
            return SourceSpecification.Nothing;
        var annotations = new AnnotationReader(source);
        ImmutableArray<SourceSpecification> read =
        [
            ReflectorDialect.ReadSource(source, annotations),
            ReplicatorDialect.ReadSource(source, annotations),
        ];
        var merged = new SourceSpecification
        {
            Pushes = [.. read.SelectMany(s => s.Pushes)],
            PullGrants = [.. read.SelectMany(s => s.PullGrants)],
            PullPolicy = read.Select(s => s.PullPolicy).FirstOrDefault(p => p is not null),
            OnRelease = read.Select(s => s.OnRelease).FirstOrDefault(r => r is not null),
            Faults = annotations.Faults,
        };
        return IsMadeMirror(source) ? merged with { Pushes = [] } : merged;
    }

    /// <summary>Whose mirror an object asks to be; null where it asks for nothing that can be read.</summary>
    public static PullRequest? ReadRequest(Snapshot mirror)
    {
        if (!mirror.SpeaksToUs)
            return null;
        var annotations = new AnnotationReader(mirror);
        return ReflectorDialect.ReadMirror(annotations) ?? ReplicatorDialect.ReadMirror(annotations);
    }

    /// <summary>The source of which a peer made this object, where the object says so; null otherwise.</summary>
    public static ResourceRef? ReadPeerClaim(Snapshot mirror) => ReflectorDialect.ReadPeerClaim(new AnnotationReader(mirror));

    /// <summary>Everything in an object's annotations that cannot be read, as a source or as a mirror.</summary>
    public static ImmutableArray<Fault> ReadFaults(Snapshot read)
    {
        if (!read.SpeaksToUs)
            return [];
        var annotations = new AnnotationReader(read);
        ReflectorDialect.ReadSource(read, annotations);
        ReplicatorDialect.ReadSource(read, annotations);
        ReflectorDialect.ReadMirror(annotations);
        ReplicatorDialect.ReadMirror(annotations);
        return annotations.Faults;
    }

    /// <summary>Whether a controller, ours or a peer's, made this object as a mirror. Such a mirror is never pushed on.</summary>
    public static bool IsMadeMirror(Snapshot read) =>
        (read.Annotation(Vocabulary.Heliograph.Source) is not null && read.Annotation(Vocabulary.Heliograph.Mirror) != Vocabulary.Heliograph.MirrorOnRequest)
        || ReadPeerClaim(read) is not null;
}
