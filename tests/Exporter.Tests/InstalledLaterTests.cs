using System.Net.Http.Headers;
using System.Text;
using Heliograph.Cluster;
using Heliograph.ControlPlane;
using Heliograph.Exporter.Watches;
using Heliograph.Model;

namespace Heliograph.Exporter.Tests;

/// <summary>
/// The exporter against a real API server, with nothing but the rights of <c>infra/cluster</c>: the definitions of the tree's kinds come, go and come back
/// while it runs.
/// </summary>
public sealed class InstalledLaterTests : IAsyncLifetime
{
    private static readonly string Manifests = Path.Combine(AppContext.BaseDirectory, "cluster");
    private static readonly string[] Definitions = [.. Kinds.Inheritance.Select(kind => $"{kind.Plural}.{kind.Group}")];

    private RecordingEndpoint? recording;
    private LocalControlPlane? controlPlane;
    private HttpClient? user;
    private KubernetesCluster? cluster;
    private string kubeconfig = "";
    private RunningExporter? exporter;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RecordingEndpoint Endpoint => recording!;

    private Readiness Readiness => exporter!.Readiness;

    private int Syncs => Endpoint.Accepted.Count(told => told.Hint is Hint.SyncCompleted);

    public async ValueTask InitializeAsync()
    {
        recording = await RecordingEndpoint.StartAsync();
        controlPlane = await LocalControlPlane.StartAsync();
        user = controlPlane.CreateAdminClient();
        foreach (var part in (string[])["base", "secrets", "configmaps", "rights"])
            await ApplyAsync(part);
        kubeconfig = await controlPlane.KubeconfigForServiceAccountAsync("heliograph", "heliograph-exporter");
    }

    public async ValueTask DisposeAsync()
    {
        if (exporter is not null)
            await exporter.DisposeAsync();
        cluster?.Dispose();
        user?.Dispose();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
        if (recording is not null)
            await recording.DisposeAsync();
    }

    [Fact]
    public async Task The_program_says_what_is_not_installed_and_tells_of_places_in_the_tree()
    {
        await using var program = ExporterApp.Build(
        [
            "--Inheritance:Enabled=true", $"--Kubernetes:Kubeconfig={kubeconfig}", $"--Exporter:Endpoint={Endpoint.Address}", "--Exporter:Key=k",
            "--Exporter:Listen=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
        ]);
        await program.StartAsync(Cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(program.Urls.Single()) };
        var ready = await Eventually.BecomesAsync(
            async () => await client.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation) is { IsSuccessStatusCode: true } answer ? answer : null, "it is ready");
        Assert.Contains("subnamespaceanchors.hnc.x-k8s.io is not installed", await ready.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"fresh"}}""");
        await ToldAsync("/namespaces/fresh/HierarchyConfiguration/hierarchy", deleted: false);
        await program.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Definitions_that_come_and_go_are_noticed_and_are_no_obstacle()
    {
        cluster = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = kubeconfig });
        exporter = new RunningExporter(new ClusterFeed(cluster), Endpoint.Address, new HastyTime(5), new TestLifetime(), inherits: true);
        await exporter.StartAsync();
        await Eventually.TrueAsync(() => Readiness.Obstacles.IsEmpty, "it is ready without them");
        Assert.Equal(Definitions.Length, Readiness.Remarks.Length);
        Assert.Equal(1, Syncs);

        await ApplyAsync("crds");
        await Eventually.TrueAsync(() => Readiness.Remarks.IsEmpty && Readiness.Obstacles.IsEmpty && Syncs > 1, "they are noticed");
        await CreateAsync("hnc.x-k8s.io/v1alpha2", "HierarchyConfiguration", "/apis/hnc.x-k8s.io/v1alpha2/namespaces/default/hierarchyconfigurations", "hierarchy", "{}");
        await CreateAsync("v1", "ResourceQuota", "/api/v1/namespaces/default/resourcequotas", "compute", "{}");
        await CreateAsync("v1", "ResourceQuota", "/api/v1/namespaces/default/resourcequotas", Vocabulary.Hnc.Quota, "{}");
        await ToldAsync("/namespaces/default/HierarchyConfiguration/hierarchy", deleted: false);
        await ToldAsync($"/namespaces/default/ResourceQuota/{Vocabulary.Hnc.Quota}", deleted: false);
        Assert.DoesNotContain(Endpoint.Accepted, told => told.Subject.EndsWith("/compute", StringComparison.Ordinal));

        var syncs = Syncs;
        await CreateAsync(
            "hnc.x-k8s.io/v1alpha2", "HNCConfiguration", "/apis/hnc.x-k8s.io/v1alpha2/hncconfigurations", "config", """{"resources":[{"resource":"secrets","mode":"Propagate"}]}""");
        await ToldAsync("/namespaces/cluster/HNCConfiguration/config", deleted: false);
        await Eventually.TrueAsync(() => Syncs > syncs, "other kinds are inherited, so everything is looked at");

        syncs = Syncs;
        foreach (var definition in Definitions)
            await SendAsync(HttpMethod.Delete, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + definition, "");
        await ToldAsync("/namespaces/default/HierarchyConfiguration/hierarchy", deleted: true);
        await Eventually.TrueAsync(() => Readiness.Remarks.Length == Definitions.Length && Syncs > syncs, "their end is noticed");
        await Eventually.TrueAsync(() => Readiness.Obstacles.IsEmpty, "it is ready without them again");

        syncs = Syncs;
        await ApplyAsync("crds");
        await Eventually.TrueAsync(() => Readiness.Remarks.IsEmpty && Readiness.Obstacles.IsEmpty && Syncs > syncs, "they are noticed again");
    }

    private Task ToldAsync(string subject, bool deleted) => Eventually.TrueAsync(
        () => Endpoint.Accepted.Any(told => told.Subject == subject && told.Hint is Hint.ObjectChanged changed && changed.Deleted == deleted), $"{subject} is told");

    private Task CreateAsync(string version, string kind, string path, string name, string spec) => SendAsync(
        HttpMethod.Post, path, $$"""{"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{"name":"{{name}}"},"spec":{{spec}}}""");

    private async Task ApplyAsync(string part)
    {
        var documents = Directory.GetFiles(Path.Combine(Manifests, part), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml")
            .Order(StringComparer.Ordinal).SelectMany(file => File.ReadAllText(file).Split("\n---\n"));
        foreach (var document in documents)
            await SendAsync(HttpMethod.Post, PathOf(document), document, "application/yaml");
    }

    private static string PathOf(string document) => document.Split('\n').First(line => line.StartsWith("kind: ", StringComparison.Ordinal))["kind: ".Length..] switch
    {
        "Namespace" => "/api/v1/namespaces",
        "ServiceAccount" => "/api/v1/namespaces/heliograph/serviceaccounts",
        "CustomResourceDefinition" => "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        "ClusterRole" => "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "ClusterRoleBinding" => "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        var kind => throw new FormatException($"a {kind} has no place here"),
    };

    private async Task SendAsync(HttpMethod method, string path, string body, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        using var response = await user!.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {await response.Content.ReadAsStringAsync(Cancellation)}");
    }
}
