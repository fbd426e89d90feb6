using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Heliograph.ControlPlane;

namespace Heliograph.Functions.Tests.Real;

/// <summary>Hierarchical quotas where a real API server counts: what it grants in one namespace is missing in the next.</summary>
public sealed class HierarchicalQuotaTests(RealApiServerTests.Cluster cluster) : IClassFixture<RealApiServerTests.Cluster>
{
    private const string Hnc = "/apis/hnc.x-k8s.io/v1alpha2";
    private const string Quota = "hrq.hnc.x-k8s.io";

    private const string Rights =
        """
        {"apiGroups":[""],"resources":["namespaces"],"verbs":["list","patch"]},
        {"apiGroups":[""],"resources":["secrets","configmaps"],"verbs":["list"]},
        {"apiGroups":[""],"resources":["resourcequotas"],"verbs":["create"]},
        {"apiGroups":[""],"resources":["resourcequotas"],"resourceNames":["hrq.hnc.x-k8s.io"],"verbs":["list","patch","delete"]},
        {"apiGroups":[""],"resources":["events"],"verbs":["create"]},
        {"apiGroups":["hnc.x-k8s.io"],"resources":["hierarchyconfigurations","subnamespaceanchors","hncconfigurations"],"verbs":["get","list","create","patch"]},
        {"apiGroups":["hnc.x-k8s.io"],"resources":["hierarchicalresourcequotas"],"verbs":["list","patch"]}
        """;

    private static readonly string[] Inheriting = ["--Inheritance:Enabled=true", "--Inheritance:TrustChildren=true"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_two_children_use_together_is_told_and_each_is_limited()
    {
        await PrepareAsync("told", """{"count/roles.rbac.authorization.k8s.io":3,"requests.cpu":0.5,"limits.memory":"1.5Gi","roles":1}""");
        await using var app = await cluster.StartAsync("told", Rights, Inheriting);
        await CountedAsync(app, "told", "count/roles.rbac.authorization.k8s.io: 0/3, requests.cpu: 0/500m | limits.memory: 0/1536Mi");

        // A line that is wrong is told, and keeps no other from limiting.
        var told = (await cluster.EventsAsync("told-source", 2)).Select(wrong => $"{wrong.GetProperty("reason")} {wrong.GetProperty("involvedObject").GetProperty("kind")}: {wrong.GetProperty("message")}");
        Assert.Contains(
            "Invalid HierarchicalResourceQuota: spec.hard[roles]: Invalid value: \"roles\": must be a standard resource for quota; correct it; until then this line limits nothing", told);

        foreach (var (child, name) in ((string, string)[])[("dev", "one"), ("dev", "two"), ("test", "one")])
            Assert.Equal("Created", await CreateRoleAsync($"told-{child}", name));

        await CountedAsync(app, "told", "count/roles.rbac.authorization.k8s.io: 3/3, requests.cpu: 0/500m | limits.memory: 0/1536Mi");
        // What is written is written once: the versions stand still.
        var before = await VersionsAsync();
        await app.DeliverAsync("told-source", "HierarchicalResourceQuota", "q");
        Assert.Equal(before, await VersionsAsync());
        // Without an admission endpoint the least limit is each namespace's own.
        Assert.Equal("Created", await CreateRoleAsync("told-dev", "three"));
        Assert.StartsWith("Forbidden: roles.rbac.authorization.k8s.io \"four\" is forbidden: exceeded quota: hrq.hnc.x-k8s.io", await CreateRoleAsync("told-dev", "four"), StringComparison.Ordinal);
        await CountedAsync(app, "told", "count/roles.rbac.authorization.k8s.io: 4/3, requests.cpu: 0/500m | limits.memory: 0/1536Mi");

        await SendAsync(HttpMethod.Delete, $"{Hnc}/namespaces/told-source/hierarchicalresourcequotas/q", null);
        await app.DeliverAsync("told-source", "HierarchicalResourceQuota", "q");
        using var gone = await cluster.Api.GetAsync($"/api/v1/namespaces/told-dev/resourcequotas/{Quota}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        await Eventually.IsAsync(async () => await CreateRoleAsync("told-dev", "four") is "Created" or "Conflict", "nothing limits any more");
    }

    [Fact]
    public async Task With_the_admission_endpoint_the_children_are_limited_together()
    {
        await PrepareAsync("asked", """{"count/roles.rbac.authorization.k8s.io":3}""");
        using var tls = new Served(cluster.ControlPlane);
        await using var app = await cluster.StartAsync(
            "asked", Rights,
            [.. Inheriting, $"--Admission:Listen={tls.Address}", $"--Admission:CertificateFile={tls.Certificate}", $"--Admission:CertificateKeyFile={tls.Key}"]);
        await CountedAsync(app, "asked", "count/roles.rbac.authorization.k8s.io: 0/3 | ");
        await SendAsync(HttpMethod.Post, "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", tls.Webhook("asked"));
        // An API server learns of a webhook a moment later.
        await Eventually.IsAsync(async () => (await CreateLimitsAsync("asked-source", "-1")).Contains("must be greater than or equal to 0", StringComparison.Ordinal), "the webhook is asked");

        foreach (var (child, name) in ((string, string)[])[("dev", "one"), ("dev", "two"), ("test", "one")])
            Assert.Equal("Created", await CreateRoleAsync($"asked-{child}", name));

        foreach (var child in (string[])["dev", "test", "source"])
        {
            Assert.Contains(
                "exceeded hierarchical quota in namespace \"asked-source\": \"q\", requested: count/roles.rbac.authorization.k8s.io=1, used: count/roles.rbac.authorization.k8s.io=3, limited: count/roles.rbac.authorization.k8s.io=3",
                await CreateRoleAsync($"asked-{child}", "more"), StringComparison.Ordinal);
        }
        await SendAsync(HttpMethod.Delete, "/apis/rbac.authorization.k8s.io/v1/namespaces/asked-dev/roles/one", null);
        await Eventually.IsAsync(async () => await CreateRoleAsync("asked-test", "more") is "Created" or "Conflict", "what was freed is granted elsewhere");
    }

    /// <summary>A parent with a limit and two children.</summary>
    private async Task PrepareAsync(string prefix, string hard)
    {
        await DefineAsync();
        foreach (var ns in (string[])["source", "dev", "test"])
            await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{prefix}}}-{{{ns}}}","labels":{"test":"{{{prefix}}}"} } }""");
        foreach (var ns in (string[])["dev", "test"])
        {
            await SendAsync(
                HttpMethod.Post, $"{Hnc}/namespaces/{prefix}-{ns}/hierarchyconfigurations", Object("HierarchyConfiguration", "hierarchy", $$"""{"parent":"{{prefix}}-source"}"""));
        }
        await SendAsync(HttpMethod.Post, $"{Hnc}/namespaces/{prefix}-source/hierarchicalresourcequotas", Object("HierarchicalResourceQuota", "q", $$"""{"hard":{{hard}}}"""));
    }

    /// <summary>Events come until the quota tells what the API server has counted by then.</summary>
    private async Task CountedAsync(RealApiServerTests.RealApp app, string prefix, string expected) => await Eventually.IsAsync(
        async () =>
        {
            await app.DeliverAsync($"{prefix}-source", "HierarchicalResourceQuota", "q");
            var quota = await ReadAsync($"{Hnc}/namespaces/{prefix}-source/hierarchicalresourcequotas/q");
            if (!quota.TryGetProperty("status", out var status) || $"{status.GetProperty("requestsSummary").GetString()} | {status.GetProperty("limitsSummary").GetString()}" != expected)
                return false;
            // A namespace that was not counted yet refuses everything.
            var counted = await Task.WhenAll(((string[])["source", "dev", "test"]).Select(ns => ReadAsync($"/api/v1/namespaces/{prefix}-{ns}/resourcequotas/{Quota}")));
            return counted.All(local => local.GetProperty("status").TryGetProperty("used", out _));
        },
        expected);

    private async Task<JsonElement> ReadAsync(string path)
    {
        using var json = JsonDocument.Parse(await cluster.Api.GetStringAsync(path, Cancellation));
        return json.RootElement.Clone();
    }

    private async Task<string> VersionsAsync()
    {
        var versions = new List<string>();
        foreach (var path in (string[])[$"{Hnc}/hierarchicalresourcequotas", "/api/v1/resourcequotas", $"{Hnc}/hierarchyconfigurations", "/api/v1/namespaces"])
        {
            using var json = JsonDocument.Parse(await cluster.Api.GetStringAsync(path, Cancellation));
            versions.AddRange(json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("resourceVersion").GetString()!));
        }
        return string.Join(' ', versions);
    }

    private Task<string> CreateRoleAsync(string ns, string name) =>
        CreateAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private Task<string> CreateLimitsAsync(string ns, string pods) =>
        CreateAsync($"{Hnc}/namespaces/{ns}/hierarchicalresourcequotas?dryRun=All", Object("HierarchicalResourceQuota", "bad", $$$"""{"hard":{"pods":"{{{pods}}}"} }"""));

    /// <summary>What the API server says to a creation.</summary>
    private async Task<string> CreateAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await cluster.Api.PostAsync(path, content, Cancellation);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        return response.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict ? response.StatusCode.ToString() : $"{response.StatusCode}: {json.RootElement.GetProperty("message").GetString()}";
    }

    /// <summary>Applies the definitions and waits until they are served.</summary>
    private async Task DefineAsync()
    {
        var definitions = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "crds"), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml").ToArray();
        if ((await CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"defined"}}""")) == "Conflict")
            return;
        foreach (var file in definitions)
            await SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", await File.ReadAllTextAsync(file, Cancellation), "application/yaml");
        foreach (var file in definitions)
        {
            await Eventually.IsAsync(
                async () =>
                {
                    using var response = await cluster.Api.GetAsync($"{Hnc}/{Path.GetFileNameWithoutExtension(file)}", Cancellation);
                    return response.IsSuccessStatusCode;
                },
                $"{file} is served");
        }
    }

    private static string Object(string kind, string name, string spec) =>
        $$$"""{"apiVersion":"hnc.x-k8s.io/v1alpha2","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}}}""";

    private async Task SendAsync(HttpMethod method, string path, string? body, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, mediaType) };
        using var response = await cluster.Api.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
    }

    /// <summary>An address at which the API server finds the endpoint, with a certificate that it trusts.</summary>
    private sealed class Served : IDisposable
    {
        private readonly string directory = Directory.CreateTempSubdirectory("heliograph-admission-").FullName;
        private readonly string authority;

        public Served(LocalControlPlane controlPlane)
        {
            using var port = new TcpListener(IPAddress.Loopback, 0);
            port.Start();
            Address = $"https://{port.LocalEndpoint}";
            authority = Convert.ToBase64String(File.ReadAllBytes(controlPlane.CertificateAuthority));
            using var key = controlPlane.ServingCertificate.GetECDsaPrivateKey() as AsymmetricAlgorithm ?? controlPlane.ServingCertificate.GetRSAPrivateKey()!;
            File.WriteAllText(Certificate, controlPlane.ServingCertificate.ExportCertificatePem());
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        }

        public string Address { get; }

        public string Certificate => Path.Combine(directory, "tls.crt");

        public string Key => Path.Combine(directory, "tls.key");

        public string Webhook(string name) => $$"""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"{{name}}"},"webhooks":[
            {{Webhook(name, "resourcequotasstatus", "", "v1", "resourcequotas/status")}},{{Webhook(name, "hrq", "hnc.x-k8s.io", "v1alpha2", "hierarchicalresourcequotas")}}]}
            """;

        public void Dispose() => Directory.Delete(directory, recursive: true);

        private string Webhook(string test, string name, string group, string version, string resource) => $$"""
            {"name":"{{name}}.hnc.x-k8s.io","admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Ignore","namespaceSelector":{"matchLabels":{"test":"{{test}}"} },
            "clientConfig":{"url":"{{Address}}/api/admission","caBundle":"{{authority}}"},
            "rules":[{"apiGroups":["{{group}}"],"apiVersions":["{{version}}"],"resources":["{{resource}}"],"operations":["CREATE","UPDATE"]}]}
            """;
    }
}
