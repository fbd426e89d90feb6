using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// All dialects together. An object may speak several: its pushes are tried in the order ours, Reflector's, Replicator's, and so are its requests;
/// whoever any of them permits may pull.
/// </summary>
public static class Dialects
{
    private static readonly ImmutableArray<MirrorPolicy> PullPolicies = [HeliographDialect.Policy, ReflectorDialect.Policy, ReplicatorDialect.Policy];

    private static readonly ImmutableArray<string> PushKeys =
    [
        Vocabulary.Heliograph.PushTo, Vocabulary.Heliograph.PushToMatching, Vocabulary.Reflector.AutoEnabled,
        Vocabulary.Replicator.ReplicateTo, Vocabulary.Replicator.ReplicateToMatching,
    ];

    /// <summary>What an object says of itself as a source.</summary>
    public static SourceSpecification ReadSource(Snapshot source) =>
        source.SpeaksToUs ? ReadSource(source, new AnnotationReader(source)) : SourceSpecification.Nothing;

    /// <summary>Whose mirror an object asks to be; null where it asks for nothing, or for nothing that can be read.</summary>
    public static PullRequest? ReadRequest(Snapshot mirror) => ReadRequest(mirror, out _);

    /// <summary>The source of which a peer made this object, where the object says so; null otherwise.</summary>
    public static ResourceRef? ReadPeerClaim(Snapshot mirror) =>
        ReflectorDialect.ReadPeerClaim(new AnnotationReader(mirror))
        ?? (mirror.Labels.GetValueOrDefault(Vocabulary.Hnc.InheritedFrom) is { } ancestor && ObjectName.IsNamespace(ancestor) && ancestor != mirror.Namespace
            ? new ResourceRef(mirror.Kind.Name, ancestor, mirror.Name)
            : null);

    /// <summary>
    /// Where an object's content comes from: the source it asks for, or of which it was made; null where it is nobody's mirror. Followed upwards, this
    /// finds the circles in which objects would fill each other for ever.
    /// </summary>
    public static ResourceRef? ReadUpstream(Snapshot read) =>
        read.SpeaksToUs ? ReadRequest(read)?.Source ?? Bookkeeping.MadeOf(read) ?? ReadPeerClaim(read) : null;

    /// <summary>
    /// Everything in an object's annotations that cannot be read, as a source or as a mirror, and every key that is none of a vocabulary's although
    /// it has its prefix: a typing error, which would otherwise be passed over in silence.
    /// </summary>
    public static ImmutableArray<Fault> ReadFaults(Snapshot read)
    {
        if (!read.SpeaksToUs)
            return [];
        var annotations = new AnnotationReader(read);
        ReadSource(read, annotations);
        ReadRequests(annotations);
        HeliographDialect.Consents(annotations);
        ReadPushesOfMirror(annotations);
        ReadKeys(annotations);
        return annotations.Faults;
    }

    /// <summary>Everything in a namespace's annotations that cannot be read.</summary>
    public static ImmutableArray<Fault> ReadNamespaceFaults(Snapshot ns)
    {
        if (!ns.SpeaksToUs)
            return [];
        var annotations = new AnnotationReader(ns);
        if (annotations.Text(Vocabulary.Heliograph.AcceptFrom) is { } accepted)
            annotations.Patterns(Vocabulary.Heliograph.AcceptFrom, accepted, out _);
        if (annotations.Text(Vocabulary.Heliograph.AcceptChildren) is { } children)
            annotations.Patterns(Vocabulary.Heliograph.AcceptChildren, children, out _);
        ReadKeys(annotations);
        return annotations.Faults;
    }

    /// <summary>Whether a controller, ours or a peer's, made this object as a mirror. Such a mirror is never pushed on.</summary>
    public static bool IsMadeMirror(Snapshot read) => Bookkeeping.MadeOf(read) is not null || ReadPeerClaim(read) is not null;

    /// <summary>Whose mirror an object asks to be, and what is wrong with the asking.</summary>
    /// <param name="mirror">The object.</param>
    /// <param name="fault">Set where it asks for something that cannot be read; then it is left as it is.</param>
    internal static PullRequest? ReadRequest(Snapshot mirror, out Fault? fault)
    {
        fault = null;
        if (!mirror.SpeaksToUs)
            return null;
        var annotations = new AnnotationReader(mirror);
        var request = HeliographDialect.ReadMirror(annotations);
        if (request is null && annotations.Faults.IsEmpty)
            request = ReflectorDialect.ReadMirror(annotations);
        if (request is null && annotations.Faults.IsEmpty)
            request = ReplicatorDialect.ReadMirror(annotations);
        fault = annotations.Faults.FirstOrDefault();
        return request;
    }

    private static SourceSpecification ReadSource(Snapshot source, AnnotationReader annotations)
    {
        ImmutableArray<SourceSpecification> read =
        [
            HeliographDialect.ReadSource(source, annotations),
            ReflectorDialect.ReadSource(source, annotations),
            ReplicatorDialect.ReadSource(source, annotations),
        ];
        var refinement = RefinementReader.Read(source, annotations);
        var isMade = IsMadeMirror(source);
        var pushes = isMade ? [] : read.SelectMany(s => s.Pushes).Select(rule => refinement is null ? rule : refinement.Refine(rule)).ToImmutableArray();
        return new SourceSpecification
        {
            Pushes = [.. pushes.Select(rule => source.Kind.ReservedNames.Contains(rule.MirrorName) ? Reserved(rule, refinement, annotations) : rule)],
            PullGrants = [.. read.SelectMany(s => s.PullGrants)],
            OnRelease = read[0].OnRelease,
            OnReleaseFault = read[0].OnReleaseFault,
            Refinement = refinement,
            PullPolicies = refinement is null ? [] : [.. PullPolicies.Select(policy => (policy, refinement.Refine(policy)))],
            Remarks = !isMade ? [.. read.SelectMany(s => s.Remarks)]
                : read.Any(s => !s.Pushes.IsEmpty) ? ["it is a mirror itself, and a mirror that a controller made is never pushed on"]
                : [],
            Faults = annotations.Faults,
        };
    }

    /// <summary>Whoever writes a push on a mirror that was made waits for something that never comes.</summary>
    private static void ReadPushesOfMirror(AnnotationReader annotations)
    {
        if (IsMadeMirror(annotations.Object) && PushKeys.FirstOrDefault(key => annotations.Text(key) is not null) is { } key)
            annotations.Report(key, "this object is a mirror that a controller made, and such a mirror is never pushed on", "annotate its source");
    }

    private static void ReadKeys(AnnotationReader annotations)
    {
        foreach (var key in annotations.Object.Annotations.Keys)
        {
            if (Vocabulary.Contains(key) && !Vocabulary.Keys.Contains(key))
                annotations.Report(key, "there is no such annotation", "see the list of annotations in the documentation");
        }
    }

    /// <summary>Two requests for different sources cannot both be served, so the second is told.</summary>
    private static void ReadRequests(AnnotationReader annotations)
    {
        ImmutableArray<(string Key, PullRequest? Request)> requests =
        [
            (Vocabulary.Heliograph.PullFrom, HeliographDialect.ReadMirror(annotations)),
            (Vocabulary.Reflector.Reflects, ReflectorDialect.ReadMirror(annotations)),
            (Vocabulary.Replicator.ReplicateFrom, ReplicatorDialect.ReadMirror(annotations)),
        ];
        var first = requests.FirstOrDefault(r => r.Request is not null);
        foreach (var other in requests.Where(r => r.Request is not null && r.Request.Source != first.Request!.Source))
            annotations.Report(other.Key, $"{first.Key} already asks for {first.Request!.Source}, and goes before it", "remove one of them");
    }

    private static PushRule Reserved(PushRule rule, Refinement? refinement, AnnotationReader annotations)
    {
        var key = refinement?.MirrorName is not null ? Vocabulary.Heliograph.Name : rule.Policy.Dialect switch
        {
            Dialect.Heliograph => Vocabulary.Heliograph.PushTo,
            Dialect.Reflector => Vocabulary.Reflector.AutoEnabled,
            _ => Vocabulary.Replicator.ReplicateTo,
        };
        var fault = annotations.Report(
            key, $"every namespace has a {annotations.Object.Kind.Name} {rule.MirrorName} from the cluster, so nothing is pushed under this name",
            $"choose another with {Vocabulary.Heliograph.Name}, or let the namespace's own ask with {Vocabulary.Heliograph.PullFrom}");
        return rule with { Namespaces = new NamespaceRule.Unreadable(fault) };
    }
}
