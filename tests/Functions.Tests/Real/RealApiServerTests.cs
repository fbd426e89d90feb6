using System.Net;
using System.Text;
using System.Text.Json;
using Heliograph.ControlPlane;
using Heliograph.Functions.Tests.Events;
using Heliograph.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Heliograph.Functions.Tests.Real;

/// <summary>The function app as a whole on a real API server, under a service account's rights: what an API server in memory cannot vouch for.</summary>
public sealed class RealApiServerTests(RealApiServerTests.Cluster cluster) : IClassFixture<RealApiServerTests.Cluster>
{
    private const string Rights =
        """
        {"apiGroups":[""],"resources":["secrets","configmaps"],"verbs":["get","list","create","update","patch","delete"]},
        {"apiGroups":[""],"resources":["namespaces"],"verbs":["list"]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_is_taken_shown_on_its_object_and_taken_once()
    {
        await cluster.PrepareAsync("told");
        await using var one = await cluster.StartAsync("told", Rights + """,{"apiGroups":[""],"resources":["events"],"verbs":["create"]}""");
        await using var other = await cluster.StartAsync("told", rights: null);

        await one.DeliverAsync("told-source");
        var first = await cluster.EventsAsync("told-source", 1);
        await other.DeliverAsync("told-source");
        await Eventually.IsAsync(() => other.NoticesKnown > 0, "the other instance learns that it is told");

        var told = Assert.Single(first);
        Assert.Equal("Conflict", told.GetProperty("reason").GetString());
        Assert.Equal(
            "Secret/told-team/registry exists and is not a mirror; delete it, or annotate it with heliograph.dev/adopt: \"true\"", told.GetProperty("message").GetString());
        Assert.Equal("heliograph", told.GetProperty("source").GetProperty("component").GetString());
        Assert.Single(await cluster.EventsAsync("told-source", 1));
    }

    [Fact]
    public async Task Without_the_right_to_write_events_there_is_one_warning_and_the_work_is_done()
    {
        await cluster.PrepareAsync("mute");
        await using var app = await cluster.StartAsync("mute", Rights);

        await app.DeliverAsync("mute-source");

        await Eventually.IsAsync(() => app.Log.Lines.Any(line => line.Message.Contains("grant the verb create on events", StringComparison.Ordinal)), "the warning");
        Assert.DoesNotContain(app.Log.Lines, line => line.Level > LogLevel.Warning);
        Assert.Empty(await cluster.EventsAsync("mute-source", 0));
        using var mirror = await cluster.Api.GetAsync("/api/v1/namespaces/mute-free/secrets/registry", Cancellation);
        Assert.Equal(HttpStatusCode.OK, mirror.StatusCode);
    }

    [Fact]
    public async Task Explain_needs_no_right_to_write()
    {
        await cluster.PrepareAsync("asked");
        await using var app = await cluster.StartAsync("asked", """{"apiGroups":[""],"resources":["secrets","configmaps","namespaces"],"verbs":["get","list"]}""");

        var text = await app.Http.GetStringAsync("/api/explain?kind=Secret&namespace=asked-source&name=registry&in=asked-free", Cancellation);

        Assert.Contains("to create       Missing: reflection-allowed-namespaces: \"asked-.*\" matches asked-free", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Annotations.Payload, text, StringComparison.Ordinal);
    }

    /// <summary>Whoever writes a Role must hold what it grants, or the verb <c>escalate</c>: docs/kinds.md.</summary>
    [Fact]
    public async Task A_role_is_written_only_as_far_as_we_hold_what_it_grants()
    {
        const string Roles =
            """,{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["get","list","create","update","patch","delete"]},{"apiGroups":[""],"resources":["events"],"verbs":["create"]}""";
        await cluster.PrepareAsync("held");
        await cluster.CreateRoleAsync("held", "reader", "configmaps", "get");
        await cluster.CreateRoleAsync("held", "owner", "pods", "delete");
        await using var app = await cluster.StartAsync("held", Rights + Roles, $"--{KindSettings.Kinds.Key}=Role");

        await app.DeliverAsync("held-source", "Role", "reader");
        await app.DeliverAsync("held-source", "Role", "owner");

        using var held = await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/held-free/roles/reader", Cancellation);
        Assert.Equal(HttpStatusCode.OK, held.StatusCode);
        using var beyond = await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/held-free/roles/owner", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, beyond.StatusCode);
        var told = Assert.Single(await cluster.EventsAsync("held-source", 1));
        Assert.Equal(("Refused", "owner"), (told.GetProperty("reason").GetString(), told.GetProperty("involvedObject").GetProperty("name").GetString()));
        Assert.Equal("in 2 namespaces (held-free, held-team): create Role <namespace>/owner: 403 Forbidden", told.GetProperty("message").GetString());
    }

    /// <summary>Whoever writes a RoleBinding must hold what its role grants, or the verb <c>bind</c> on it: docs/kinds.md.</summary>
    [Fact]
    public async Task A_role_is_bound_only_where_we_may_bind_it()
    {
        const string Bindings =
            """
            ,{"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings"],"verbs":["get","list","create","update","patch","delete"]},
            {"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view","not-there-yet"],"verbs":["bind"]},{"apiGroups":[""],"resources":["events"],"verbs":["create"]}
            """;
        await cluster.PrepareAsync("bound");
        foreach (var role in (string[])["view", "not-there-yet", "cluster-admin"])
            await cluster.CreateBindingAsync("bound", role);
        await using var app = await cluster.StartAsync("bound", Rights + Bindings, $"--{KindSettings.Kinds.Key}=RoleBinding");

        foreach (var role in (string[])["view", "not-there-yet", "cluster-admin"])
            await app.DeliverAsync("bound-source", "RoleBinding", role);

        Assert.Equal(["not-there-yet", "view"], await cluster.NamesAsync("/apis/rbac.authorization.k8s.io/v1/namespaces/bound-free/rolebindings"));
        var told = Assert.Single(await cluster.EventsAsync("bound-source", 1));
        Assert.Equal("in 2 namespaces (bound-free, bound-team): create RoleBinding <namespace>/cluster-admin: 403 Forbidden", told.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_kind_without_rights_harms_no_other()
    {
        await cluster.PrepareAsync("apart");
        await using var app = await cluster.StartAsync("apart", Rights, $"--{KindSettings.Kinds.Key}=Role,Secret");

        using var resync = await app.Http.PostAsync("/api/resync?dryRun=true", null, Cancellation);
        await app.DeliverAsync("apart-source");

        Assert.Contains("list roles: 403 Forbidden", await resync.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(["registry"], await cluster.NamesAsync("/api/v1/namespaces/apart-free/secrets"));
    }

    /// <summary>A control plane for this class.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        private LocalControlPlane? controlPlane;
        private HttpClient? api;

        public HttpClient Api => api!;

        public LocalControlPlane ControlPlane => controlPlane!;

        public async ValueTask InitializeAsync()
        {
            controlPlane = await LocalControlPlane.StartAsync();
            api = controlPlane.CreateAdminClient();
        }

        public async ValueTask DisposeAsync()
        {
            api?.Dispose();
            if (controlPlane is not null)
                await controlPlane.DisposeAsync();
        }

        /// <summary>A source that pushes to two namespaces, in one of which its name is taken.</summary>
        internal async Task PrepareAsync(string prefix)
        {
            foreach (var ns in (string[])["source", "team", "free"])
                await PostAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{prefix}}}-{{{ns}}}"}}""");
            await PostAsync($"/api/v1/namespaces/{prefix}-team/secrets", """{"metadata":{"name":"registry"},"stringData":{"theirs":"theirs"}}""");
            var annotations = JsonSerializer.Serialize(Annotations.Pushing($"{prefix}-.*"));
            await PostAsync($"/api/v1/namespaces/{prefix}-source/secrets", $$$"""{"metadata":{"name":"registry","annotations":{{{annotations}}}},"data":{"password":"{{{Annotations.Payload}}}"}}""");
        }

        /// <summary>A role that allows one thing and is pushed to the two namespaces.</summary>
        internal Task CreateRoleAsync(string prefix, string name, string resource, string verb) => PostAsync(
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{prefix}-source/roles",
            $$$"""
            {"metadata":{"name":"{{{name}}}","annotations":{"heliograph.dev/push-to":"{{{prefix}}}-(team|free)"}},
            "rules":[{"apiGroups":[""],"resources":["{{{resource}}}"],"verbs":["{{{verb}}}"]}]}
            """);

        /// <summary>A binding of its role's name that is pushed to the two namespaces.</summary>
        internal Task CreateBindingAsync(string prefix, string role) => PostAsync(
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{prefix}-source/rolebindings",
            $$$"""
            {"metadata":{"name":"{{{role}}}","annotations":{"heliograph.dev/push-to":"{{{prefix}}}-(team|free)"}},
            "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{role}}}"},
            "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"jane"}]}
            """);

        /// <summary>The names of what a list holds, but for what the cluster itself puts there.</summary>
        internal async Task<string[]> NamesAsync(string path)
        {
            using var json = JsonDocument.Parse(await Api.GetStringAsync(path, Cancellation));
            var names = json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString()!);
            return [.. names.Where(name => !name.StartsWith("default-token", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        }

        /// <summary>Starts the app as a service account, which is given rights unless it has them already.</summary>
        internal async Task<RealApp> StartAsync(string prefix, string? rights, params string[] settings)
        {
            if (rights is not null)
            {
                await PostAsync($"/api/v1/namespaces/{prefix}-source/serviceaccounts", """{"metadata":{"name":"functions"}}""");
                await PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", $$"""{"metadata":{"name":"{{prefix}}"},"rules":[{{rights}}]}""");
                await PostAsync(
                    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    $$"""
                    {"metadata":{"name":"{{prefix}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{prefix}}"},
                    "subjects":[{"kind":"ServiceAccount","namespace":"{{prefix}}-source","name":"functions"}]}
                    """);
            }
            var kubeconfig = await controlPlane!.KubeconfigForServiceAccountAsync($"{prefix}-source", "functions", cancellationToken: Cancellation);
            var log = new TestLog();
            var app = FunctionsApp.Build(
                [.. settings, $"--Functions:Key={TestApp.Key}", "--Functions:Listen=http://127.0.0.1:0", $"--{KindSettings.Kubeconfig.Key}={kubeconfig}"],
                services => services.AddSingleton<ILoggerProvider>(log));
            await app.StartAsync(Cancellation);
            return new RealApp(app, log);
        }

        /// <summary>The Events in a namespace, once there are as many.</summary>
        internal async Task<JsonElement[]> EventsAsync(string ns, int count)
        {
            for (var tries = 0; ; tries++)
            {
                using var json = JsonDocument.Parse(await Api.GetStringAsync($"/api/v1/namespaces/{ns}/events", Cancellation));
                var items = json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.Clone()).ToArray();
                if (items.Length >= count)
                    return items;
                Assert.True(tries < 600, $"{items.Length} of {count} Events in {ns}");
                await Task.Delay(50, Cancellation);
            }
        }

        private async Task PostAsync(string path, string body)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await Api.PostAsync(path, content, Cancellation);
            Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode}");
        }
    }

    internal sealed class RealApp : IAsyncDisposable
    {
        private readonly WebApplication app;
        private readonly Measurements measurements;

        public RealApp(WebApplication app, TestLog log)
        {
            this.app = app;
            Log = log;
            measurements = new Measurements(app.Services.GetRequiredService<Telemetry>());
            Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            Http.DefaultRequestHeaders.Add(SharedKey.HeaderName, TestApp.Key);
        }

        public TestLog Log { get; }

        public HttpClient Http { get; }

        /// <summary>How often the API server said that an Event was there already.</summary>
        public long NoticesKnown => measurements.Now()["heliograph.functions.notices fate=Known"];

        public async Task DeliverAsync(string ns, string kind = "Secret", string name = "registry")
        {
            using var content = new StringContent(CloudEventText.Of(CloudEventText.SourceChanged(kind, ns, name)), Encoding.UTF8);
            using var response = await Http.PostAsync("/api/events", content, Cancellation);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            measurements.Dispose();
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }
}
