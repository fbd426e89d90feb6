using System.Text.Json.Nodes;
using Heliograph.Dev.Clusters;
using Heliograph.Model;

namespace Heliograph.Dev.Demo;

/// <summary>
/// The samples of <c>infra/samples</c>, and what happens to them in the demonstration, each under the name of whoever would do it.
/// </summary>
internal sealed class Samples(DemoCluster cluster, Footprint footprint) : IDisposable
{
    private const string CertManager = "cert-manager-certificates-issuing";
    private const string Person = "kubectl-edit";

    private readonly Certificates issuer = new();

    private static string Directory => Repository.At("infra", "samples");

    /// <summary>The namespaces there from the beginning.</summary>
    public static IReadOnlyList<Manifest> Namespaces() => Read("namespaces.yaml");

    /// <summary>The namespace that comes later.</summary>
    public static Manifest LateNamespace(bool labelled) => Manifest.Of(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject
        {
            ["name"] = Names.Payments,
            ["labels"] = labelled ? LateLabels() : new JsonObject(),
        },
    });

    /// <summary>cert-manager issues the certificate into its Secret.</summary>
    public Task IssueCertificateAsync(CancellationToken cancellation) => footprint.CreateAsync(Issued(), cancellation, CertManager);

    /// <summary>cert-manager renews it: another certificate, another key.</summary>
    /// <returns>The Secret's new version.</returns>
    public Task<string> RenewCertificateAsync(CancellationToken cancellation) =>
        PatchAsync(Names.Certificate, new JsonObject { ["data"] = Issued().Json["data"]!.DeepClone() }, CertManager, cancellation);

    public async Task ApplyAsync(string file, CancellationToken cancellation)
    {
        foreach (var manifest in Read(file))
            await footprint.CreateAsync(manifest, cancellation);
    }

    public Task ApplyCaBundleAsync(CancellationToken cancellation)
    {
        var bundle = Read("ca-bundle.yaml").Single();
        bundle.Json["data"]!["ca.crt"] = issuer.AuthorityPem;
        return footprint.CreateAsync(bundle, cancellation);
    }

    /// <summary>The owner of the CA bundle narrows its rule.</summary>
    /// <returns>The ConfigMap's new version.</returns>
    public Task<string> NarrowCaBundleAsync(string namespaces, CancellationToken cancellation)
    {
        var annotations = new JsonObject { [Vocabulary.Reflector.AutoNamespaces] = namespaces };
        return PatchAsync(Names.CaBundle, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } }, Person, cancellation);
    }

    /// <summary>Somebody edits a mirror by hand.</summary>
    public Task EditByHandAsync(ResourceRef mirror, string key, CancellationToken cancellation)
    {
        var data = new JsonObject { [key] = Convert.ToBase64String("edited by hand"u8) };
        return PatchAsync(mirror, new JsonObject { ["data"] = data }, Person, cancellation);
    }

    public Task DeleteAsync(ResourceRef place, CancellationToken cancellation) =>
        cluster.Api.DeleteAsync(KindOf(place), place.Namespace, place.Name, uid: null, cancellation);

    /// <summary>The late namespace gets its labels.</summary>
    public Task LabelLateNamespaceAsync(CancellationToken cancellation)
    {
        var labelled = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = LateLabels() } };
        return cluster.Api.PatchAsync(Kinds.Namespace, "", Names.Payments, labelled, Person, cancellation);
    }

    /// <summary>The payload of an object: what a mirror must have in common with its source.</summary>
    public async Task<JsonNode?> DataAsync(ResourceRef place, CancellationToken cancellation) =>
        (await cluster.Api.GetAsync(KindOf(place), place.Namespace, place.Name, cancellation))?["data"];

    public void Dispose() => issuer.Dispose();

    private static JsonObject LateLabels() => new() { ["team"] = "payments", ["environment"] = "production" };

    private async Task<string> PatchAsync(ResourceRef place, JsonObject patch, string fieldManager, CancellationToken cancellation)
    {
        var patched = await cluster.Api.PatchAsync(KindOf(place), place.Namespace, place.Name, patch, fieldManager, cancellation);
        return (string)patched["metadata"]!["resourceVersion"]!;
    }

    private static Kind KindOf(ResourceRef place) => Kinds.All.First(kind => kind.Name == place.Kind);

    private static IReadOnlyList<Manifest> Read(string file) => Manifest.Read(Path.Combine(Directory, file));

    private Manifest Issued()
    {
        var secret = Read("wildcard-tls.yaml").Single();
        var (certificate, key) = issuer.Issue();
        secret.Json["data"] = new JsonObject { ["tls.crt"] = certificate, ["tls.key"] = key };
        return secret;
    }
}
