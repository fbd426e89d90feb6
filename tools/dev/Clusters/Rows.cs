using Heliograph.Model;

namespace Heliograph.Dev.Clusters;

/// <summary>The kinds that manifests of ours are of, beside those that are replicated.</summary>
internal static class Rows
{
    private const string RbacGroup = "rbac.authorization.k8s.io";

    public static Kind ClusterRole { get; } = new() { Name = "ClusterRole", Group = RbacGroup, Plural = "clusterroles", Namespaced = false };

    public static Kind ClusterRoleBinding { get; } =
        new() { Name = "ClusterRoleBinding", Group = RbacGroup, Plural = "clusterrolebindings", Namespaced = false };

    private static readonly Kind[] All = [Kinds.Namespace, .. Kinds.All, ClusterRole, ClusterRoleBinding, Kinds.Definition];

    /// <exception cref="DevException">There is no such row.</exception>
    public static Kind Of(string apiVersion, string kind) =>
        Array.Find(All, row => row.Name == kind && row.ApiVersion == apiVersion)
        ?? throw new DevException($"a manifest of kind {apiVersion} {kind}, which this command does not know");
}
