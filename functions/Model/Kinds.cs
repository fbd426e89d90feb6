using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>
/// THE table of kinds: one row each. RBAC manifests, the exporter's watches, settings and documentation follow from it and are held to it by tests.
/// </summary>
public static class Kinds
{
    /// <summary>
    /// Secrets. Helm's release records, service-account tokens and bootstrap tokens are never sources; Helm's are not even listed,
    /// because there are many and they are large.
    /// </summary>
    public static Kind Secret { get; } = new()
    {
        Name = "Secret",
        Plural = "secrets",
        Copied = [new("data", FieldShape.Map)],
        Frozen = "type",
        Lock = "immutable",
        WrittenWhole = true,
        ServedByDefault = true,
        FieldSelector = "type!=helm.sh/release.v1",
        RefusedTypes = ["helm.sh/", "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"],
    };

    /// <summary>ConfigMaps. The CA bundle that the cluster publishes into every namespace is never a source.</summary>
    public static Kind ConfigMap { get; } = new()
    {
        Name = "ConfigMap",
        Plural = "configmaps",
        Copied = [new("data", FieldShape.Map), new("binaryData", FieldShape.Map)],
        Lock = "immutable",
        WrittenWhole = true,
        ServedByDefault = true,
        RefusedNames = ["kube-root-ca.crt"],
    };

    /// <summary>Namespaces: never copied, but their labels decide who gets a mirror.</summary>
    public static Kind Namespace { get; } = new() { Name = "Namespace", Plural = "namespaces", Namespaced = false };

    /// <summary>Every kind that can be served.</summary>
    public static ImmutableArray<Kind> All { get; } = [Secret, ConfigMap];

    /// <summary>The kinds that are served where nothing is said.</summary>
    public static ImmutableArray<Kind> Default { get; } = [.. All.Where(k => k.ServedByDefault)];
}
