using System.Collections.Immutable;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Rules;

/// <summary>
/// Replicator's annotations. A push needs no permission and goes to the union of list and selector; a pull needs <c>replication-allowed</c> and a
/// namespace list, and an absent list permits nobody. Data is merged, and <c>replicated-keys</c> says which keys are ours.
/// </summary>
internal static class ReplicatorDialect
{
    private static readonly MirrorPolicy Labelled = new() { Dialect = Dialect.Replicator, Data = DataMode.Merge, CopyLabels = PatternList.Everything };

    /// <summary>How a mirror is filled that asks in this dialect.</summary>
    public static MirrorPolicy Policy { get; } = new() { Dialect = Dialect.Replicator, Data = DataMode.Merge };

    public static SourceSpecification ReadSource(Snapshot source, AnnotationReader annotations)
    {
        var grant = ReadGrant(annotations);
        return new SourceSpecification
        {
            Pushes = ReadPush(source, annotations),
            PullGrants = grant is null ? [] : [grant],
            Remarks = grant is null && annotations.Text(Replicator.ReplicationAllowedNamespaces) is not null
                ? [$"{Replicator.ReplicationAllowed} is not \"true\", so nothing may be pulled"]
                : [],
        };
    }

    public static PullRequest? ReadMirror(AnnotationReader annotations) =>
        annotations.Text(Replicator.ReplicateFrom) is { } value && annotations.Reference(Replicator.ReplicateFrom, value) is { } source
            ? new PullRequest(source, Policy)
            : null;

    /// <summary>Whether Replicator pushed this object here. It does not say whence: by its rules the source bears the same name.</summary>
    public static bool IsPeerMirror(AnnotationReader annotations) =>
        annotations.Text(Replicator.ReplicatedFromVersion) is not null && annotations.Text(Replicator.ReplicateFrom) is null;

    private static ImmutableArray<PushRule> ReadPush(Snapshot source, AnnotationReader annotations)
    {
        var rules = ImmutableArray.CreateBuilder<NamespaceRule>();
        if (annotations.Text(Replicator.ReplicateTo) is { } list)
            rules.Add(annotations.Named(Replicator.ReplicateTo, list));
        if (annotations.Text(Replicator.ReplicateToMatching) is { } selector)
            rules.Add(annotations.Labelled(Replicator.ReplicateToMatching, selector));
        if (rules.Count == 0)
            return [];
        var strip = annotations.Boolean(Replicator.StripLabels, out var stripFault);
        var keepOwners = annotations.Boolean(Replicator.KeepOwnerReferences, out var keepFault);
        NamespaceRule namespaces = (stripFault ?? keepFault) is { } fault ? new NamespaceRule.Unreadable(fault) : new NamespaceRule.AnyOf(rules.ToImmutable());
        var policy = strip ? Policy : Labelled;
        return [new PushRule(namespaces, keepOwners ? policy with { KeepOwnerReferences = true } : policy, source.Name)];
    }

    private static NamespaceRule? ReadGrant(AnnotationReader annotations)
    {
        NamespaceRule namespaces = annotations.Has(Replicator.ReplicationAllowedNamespaces, out var list)
            ? annotations.Named(Replicator.ReplicationAllowedNamespaces, list)
            : new NamespaceRule.None($"{Replicator.ReplicationAllowedNamespaces} is not set: no namespace may pull");
        return annotations.Boolean(Replicator.ReplicationAllowed, out var fault) ? namespaces
            : fault is not null ? new NamespaceRule.Unreadable(fault)
            : null;
    }
}
