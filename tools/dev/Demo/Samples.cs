using System.Text.Json.Nodes;
using Heliograph.Dev.Clusters;
using Heliograph.Model;

namespace Heliograph.Dev.Demo;

/// <summary>The samples of <c>infra/samples</c>, and what happens to them in the demonstration, each under the name of whoever would do it.</summary>
internal sealed class Samples(DemoCluster cluster, Footprint footprint) : IDisposable
{
    private const string CertManager = "cert-manager-certificates-issuing";
    private const string Person = "kubectl-edit";
    private const string AutoNamespaces = Vocabulary.Reflector.AutoNamespaces;

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
    public Task RenewCertificateAsync(CancellationToken cancellation)
    {
        var renewed = Issued();
        return cluster.Api.PatchAsync(
            renewed.Kind, renewed.Namespace, renewed.Name, new JsonObject { ["data"] = renewed.Json["data"]!.DeepClone() }, CertManager, cancellation);
    }

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
    public Task NarrowCaBundleAsync(string namespaces, CancellationToken cancellation) => cluster.Api.PatchAsync(
        Kinds.ConfigMap, Names.CaBundle.Namespace, Names.CaBundle.Name,
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [AutoNamespaces] = namespaces } } }, Person, cancellation);

    /// <summary>Somebody edits a mirror by hand.</summary>
    public Task EditByHandAsync(ResourceRef mirror, string key, CancellationToken cancellation) => cluster.Api.PatchAsync(
        Kinds.Secret, mirror.Namespace, mirror.Name,
        new JsonObject { ["data"] = new JsonObject { [key] = Convert.ToBase64String("edited by hand"u8) } }, Person, cancellation);

    public Task DeleteAsync(ResourceRef place, CancellationToken cancellation) =>
        cluster.Api.DeleteAsync(KindOf(place), place.Namespace, place.Name, uid: null, cancellation);

    /// <summary>The late namespace gets its labels.</summary>
    public Task LabelLateNamespaceAsync(CancellationToken cancellation) => cluster.Api.PatchAsync(
        Kinds.Namespace, "", Names.Payments, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = LateLabels() } }, Person, cancellation);

    /// <summary>The payload of an object: what a mirror must have in common with its source.</summary>
    public async Task<JsonNode?> DataAsync(ResourceRef place, CancellationToken cancellation) =>
        (await cluster.Api.GetAsync(KindOf(place), place.Namespace, place.Name, cancellation))?["data"];

    public void Dispose() => issuer.Dispose();

    private static JsonObject LateLabels() => new() { ["team"] = "payments", ["environment"] = "production" };

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
