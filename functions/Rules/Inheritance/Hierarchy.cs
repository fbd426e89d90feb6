using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>The namespaces' tree and what is handed down it: all that inheritance adds to the rules.</summary>
/// <param name="Tree">Who is whose child.</param>
/// <param name="Modes">Which kinds are inherited, and how.</param>
/// <param name="Settings">The operator's part.</param>
public sealed record Hierarchy(NamespaceTree Tree, PropagationModes Modes, InheritanceSettings Settings)
{
    /// <summary>A version up to which all that this was computed from is known; empty where nobody knows one.</summary>
    public string Version { get; init; } = "";

    /// <summary>An annotation of tokens that the cluster makes for service accounts. What its type says, its metadata says too.</summary>
    private const string ServiceAccountToken = "kubernetes.io/service-account.name";

    private static readonly ImmutableArray<string> IstioCertificates = ["istio-ca-root-cert", "kube-root-ca.crt"];

    /// <summary>The rule by which an object is inherited, whatever its namespace's descendants are; null where it plainly is not.</summary>
    /// <remarks>A source is known by where it stands: it need not say anything of itself.</remarks>
    public PushRule? RuleOf(Snapshot source) => RuleOf(source, new AnnotationReader(source));

    /// <summary>Whether an object may be a source of inheritance, as far as it can be told from where it stands and of what kind it is.</summary>
    public bool MayBeInherited(Snapshot source) =>
        Modes[source.Kind.Name] is PropagationMode.Propagate or PropagationMode.AllowPropagate
        && Tree[source.Namespace] is { IsManaged: true, Children.Count: > 0 };

    /// <summary>Why an object is no source of inheritance, whatever it says itself.</summary>
    public string WhyNotHandedDown(Snapshot source) =>
        Modes[source.Kind.Name] is var mode and (PropagationMode.Ignore or PropagationMode.Remove) ? $"{source.Kind} objects are not inherited (HNCConfiguration: mode {mode})"
        : Tree[source.Namespace] is { IsManaged: false } ? $"namespace {source.Namespace} has no place in any tree (setting Inheritance__ExcludedNamespaces)"
        : Dialects.IsMadeMirror(source) ? "it is a copy itself"
        : $"namespace {source.Namespace} has no descendants";

    /// <summary>Why an inherited copy stays as it is, whatever its source and its rules say; null where it does not.</summary>
    public string? WhyPaused(ResourceRef copy) =>
        Modes[copy.Kind] == PropagationMode.Ignore ? $"{copy.Kind} objects are not inherited at present (HNCConfiguration: mode Ignore)"
        : Tree[copy.Namespace] is not { } node ? null
        : !node.IsManaged ? $"namespace {node} has no place in any tree (setting Inheritance__ExcludedNamespaces)"
        : node.Halt?.Message;

    internal PushRule? RuleOf(Snapshot source, AnnotationReader annotations)
    {
        if (!MayBeInherited(source) || source.Kind.ReservedNames.Contains(source.Name))
            return null;
        var exceptions = Exceptions.Read(annotations);
        NamespaceRule namespaces = ExclusionOf(source) is { } exclusion ? new NamespaceRule.None(exclusion)
            : Modes[source.Kind.Name] == PropagationMode.AllowPropagate && !exceptions.OptsIn
                ? new NamespaceRule.None($"{source.Kind.Name} objects are inherited on request only (mode AllowPropagate), and {source.Ref} bears no {Vocabulary.Hnc.All}, {Vocabulary.Hnc.Select} or {Vocabulary.Hnc.TreeSelect}")
                : exceptions.Namespaces;
        return new PushRule(new NamespaceRule.Descendants(this, source.Namespace, namespaces), PolicyOf(source), source.Name);
    }

    private string? ExclusionOf(Snapshot source)
    {
        if (source.Kind == Kinds.ConfigMap && IstioCertificates.Contains(source.Name))
            return $"a ConfigMap named {source.Name} is every namespace's own";
        if (source.Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom))
            return $"{source.Ref} says by the label {Vocabulary.Hnc.InheritedFrom} that it is a copy itself";
        if (source.Annotations.ContainsKey("openshift.io/description"))
            return "OpenShift makes objects with the annotation openshift.io/description in every project";
        if (source.Annotations.ContainsKey(ServiceAccountToken))
            return "a service account's token is never copied";
        if (!source.Finalizers.IsEmpty)
            return $"{source.Ref} has a finalizer ({string.Join(", ", source.Finalizers)}), which a copy could not bear";
        foreach (var (key, value) in Settings.NoPropagationLabels)
        {
            if (source.Labels.GetValueOrDefault(key) == value)
                return $"objects with the label {key}={value} are not inherited (setting Inheritance__NoPropagationLabels)";
        }
        return null;
    }

    private MirrorPolicy PolicyOf(Snapshot source) => new()
    {
        Dialect = Dialect.Inheritance,
        NamespacesVersion = Version,
        CopyLabels = PatternList.Everything,
        CopyAnnotations = PatternList.Everything,
        OmitLabels = Settings.UnpropagatedLabels,
        OmitAnnotations = Settings.UnpropagatedAnnotations,
        SetLabels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add(Vocabulary.Hnc.InheritedFrom, source.Namespace).Add(Vocabulary.Hnc.ManagedByLabel, Vocabulary.Hnc.Group),
    };
}
