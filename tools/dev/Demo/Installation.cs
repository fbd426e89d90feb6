using System.Text.Json.Nodes;
using Heliograph.Dev.Clusters;

namespace Heliograph.Dev.Demo;

/// <summary>
/// The namespace, accounts and rights of <c>infra/cluster/base</c> in a cluster. In a cluster of our own exactly those; in somebody else's,
/// writing is bound to the namespaces of the samples, so that whatever else is annotated there stays as it is.
/// </summary>
internal sealed class Installation(DemoCluster cluster, Footprint footprint)
{
    private const string Namespace = "heliograph";
    private const string WriteSuffix = "-write";

    private readonly IReadOnlyList<Manifest> manifests = Manifest.ReadKustomization(Repository.At("infra", "cluster", "base"));

    private IEnumerable<Manifest> WriteBindings => manifests.Where(IsWriteBinding);

    /// <summary>Makes sure that nothing of it, and no sample namespace, is there; then creates it.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        var wanted = manifests.Where(manifest => cluster.IsOurs || !IsWriteBinding(manifest)).ToArray();
        var namespaces = Samples.Namespaces();
        await footprint.ClaimAsync([.. wanted, .. namespaces, Samples.LateNamespace(labelled: false)], cancellation);
        foreach (var manifest in wanted.Concat(namespaces))
            await footprint.CreateAsync(manifest, cancellation);
        foreach (var manifest in namespaces)
            await AllowWritingAsync(manifest.Name, cancellation);
    }

    /// <summary>Lets mirrors be written in one more namespace. Where they may be written everywhere, there is nothing to do.</summary>
    public async Task AllowWritingAsync(string ns, CancellationToken cancellation)
    {
        if (cluster.IsOurs)
            return;
        foreach (var binding in WriteBindings)
            await footprint.CreateAsync(InNamespace(binding, ns), cancellation);
    }

    public Task<AccountAccess> AccessAsync(string account, string directory, CancellationToken cancellation) =>
        AccountAccess.CreateAsync(cluster.Api, Namespace, account, directory, cancellation);

    private static bool IsWriteBinding(Manifest manifest) =>
        manifest.Kind == Rows.ClusterRoleBinding && ((string)manifest.Json["roleRef"]!["name"]!).EndsWith(WriteSuffix, StringComparison.Ordinal);

    private static Manifest InNamespace(Manifest binding, string ns)
    {
        var json = binding.Json.DeepClone().AsObject();
        json["kind"] = "RoleBinding";
        json["metadata"] = new JsonObject { ["name"] = binding.Name, ["namespace"] = ns };
        return Manifest.Of(json);
    }
}
