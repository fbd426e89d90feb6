using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace Heliograph.ControlPlane.Tests;

/// <summary>What a running control plane promises, asked of the real thing.</summary>
public sealed class ControlPlaneTests(RunningControlPlane running) : IClassFixture<RunningControlPlane>
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalControlPlane ControlPlane => running.ControlPlane;

    [Fact]
    public async Task The_admin_kubeconfig_alone_opens_the_door_with_full_rights()
    {
        using var client = RunningControlPlane.ClientOf(ControlPlane.AdminKubeconfig);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/api/v1/secrets"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/apis/rbac.authorization.k8s.io/v1/clusterroles"));
    }

    [Fact]
    public async Task An_authority_that_is_not_ours_is_not_trusted()
    {
        using var stranger = new CertificateAuthority();
        using var client = ApiClient.Create(ControlPlane.Address, stranger.Pem, null);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("/version", UriKind.Relative), Stop));
        Assert.IsType<AuthenticationException>(error.InnerException);
    }

    [Fact]
    public async Task Files_with_credentials_are_for_their_owner_alone()
    {
        var kubeconfig = await KubeconfigOfAsync("default", "default");
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(ControlPlane.AdminKubeconfig));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(kubeconfig));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.ChangeExtension(kubeconfig, "token")));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(ControlPlane.Directory));
    }

    [Fact]
    public async Task A_service_account_without_bindings_may_nothing_and_with_one_what_it_says()
    {
        var space = await running.NewNamespaceAsync();
        await running.CreateAsync($"/api/v1/namespaces/{space}/serviceaccounts", """{"metadata":{"name":"reader"}}""");
        using var client = RunningControlPlane.ClientOf(await KubeconfigOfAsync(space, "reader"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(client, $"/api/v1/namespaces/{space}/secrets"));

        var rbac = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{space}";
        await running.CreateAsync($"{rbac}/roles", """
            {"metadata":{"name":"reader"},"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["list"]}]}
            """);
        await running.CreateAsync($"{rbac}/rolebindings", $$$"""
            {"metadata":{"name":"reader"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"},
             "subjects":[{"kind":"ServiceAccount","name":"reader","namespace":"{{{space}}}"}]}
            """);
        await BecomesAsync(HttpStatusCode.OK, client, $"/api/v1/namespaces/{space}/secrets");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(client, "/api/v1/namespaces/default/secrets"));
    }

    [Fact]
    public async Task Nobody_in_particular_is_let_in_nowhere()
    {
        var authority = await File.ReadAllTextAsync(ControlPlane.CertificateAuthority, Stop);
        using var anonymous = ApiClient.Create(ControlPlane.Address, authority, null);
        using var liar = ApiClient.Create(ControlPlane.Address, authority, "no-token-of-ours");
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(anonymous, "/api/v1/namespaces"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(liar, "/api/v1/namespaces"));
    }

    [Fact]
    public async Task Asking_again_puts_a_new_token_into_the_same_file()
    {
        var space = await running.NewNamespaceAsync();
        await running.CreateAsync($"/api/v1/namespaces/{space}/serviceaccounts", """{"metadata":{"name":"rotated"}}""");
        var first = await KubeconfigOfAsync(space, "rotated", TimeSpan.FromMinutes(10));
        var old = await File.ReadAllTextAsync(Path.ChangeExtension(first, "token"), Stop);
        var second = await KubeconfigOfAsync(space, "rotated", TimeSpan.FromMinutes(20));
        Assert.Equal(first, second);
        Assert.NotEqual(old, await File.ReadAllTextAsync(Path.ChangeExtension(second, "token"), Stop));
        using var client = RunningControlPlane.ClientOf(second);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(client, "/api/v1/secrets")); // known, but may not
    }

    [Fact]
    public async Task A_service_account_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<ControlPlaneException>(() => KubeconfigOfAsync("default", "nobody"));
        Assert.Equal("there is no ServiceAccount default/nobody: create it before asking for its kubeconfig.", error.Message);
    }

    [Fact]
    public async Task A_client_certificate_says_who_and_in_which_groups()
    {
        using var master = RunningControlPlane.ClientOf(ControlPlane.KubeconfigForClientCertificate("some-admin", "system:masters"));
        using var nobody = RunningControlPlane.ClientOf(ControlPlane.KubeconfigForClientCertificate("some-user", "some-group", "other"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(master, "/api/v1/secrets"));
        using var refused = await nobody.GetAsync(new Uri("/api/v1/secrets", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("some-user", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_resources_can_be_created_changed_listed_and_deleted()
    {
        // An API server with the reflect2 of its vendor directory dies here.
        var before = ControlPlane.ApiServerProcessId;
        await running.CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"lamps.test.heliograph.dev"},"spec":{"group":"test.heliograph.dev","scope":"Namespaced",
             "names":{"plural":"lamps","singular":"lamp","kind":"Lamp"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
               "properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
            """);
        const string lamps = "/apis/test.heliograph.dev/v1/namespaces/default/lamps";
        await BecomesAsync(HttpStatusCode.OK, running.Admin, lamps);
        await running.CreateAsync(lamps, """
            {"apiVersion":"test.heliograph.dev/v1","kind":"Lamp","metadata":{"name":"one"},"spec":{"watts":[1,2.5,"x"]}}
            """);
        using var patch = new StringContent("""{"spec":{"lit":true}}""", System.Text.Encoding.UTF8, "application/merge-patch+json");
        using var patched = await running.Admin.PatchAsync(new Uri($"{lamps}/one", UriKind.Relative), patch, Stop);
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        var spec = (await running.GetAsync(lamps)).GetProperty("items")[0].GetProperty("spec");
        Assert.True(spec.GetProperty("lit").GetBoolean());
        Assert.Equal(2.5, spec.GetProperty("watts")[1].GetDouble());
        await running.DeleteAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lamps.test.heliograph.dev");
        Assert.Equal(before, ControlPlane.ApiServerProcessId);
    }

    [Fact]
    public async Task A_killed_api_server_comes_back_at_the_same_place_with_the_same_data()
    {
        var space = await running.NewNamespaceAsync();
        await running.CreateAsync($"/api/v1/namespaces/{space}/configmaps", """{"metadata":{"name":"kept"},"data":{"a":"b"}}""");
        var version = VersionOf(await running.GetAsync($"/api/v1/namespaces/{space}/configmaps/kept"));
        var (address, process) = (ControlPlane.Address, ControlPlane.ApiServerProcessId);

        await ControlPlane.KillApiServerAsync(Stop);
        Assert.Null(ControlPlane.ApiServerProcessId);
        await Assert.ThrowsAsync<HttpRequestException>(() => running.AnswerAsync("/readyz"));

        await ControlPlane.StartApiServerAsync(Stop);
        Assert.Equal(address, ControlPlane.Address);
        Assert.NotEqual(process, ControlPlane.ApiServerProcessId);
        var kept = await running.GetAsync($"/api/v1/namespaces/{space}/configmaps/kept");
        Assert.Equal("b", kept.GetProperty("data").GetProperty("a").GetString());
        Assert.Equal(version, VersionOf(kept));
    }

    [Fact]
    public async Task A_stopped_api_server_is_gone_although_watches_are_open_and_starts_again()
    {
        var configMaps = new Uri("/api/v1/configmaps?watch=true", UriKind.Relative);
        using var watch = await running.Admin.GetAsync(configMaps, HttpCompletionOption.ResponseHeadersRead, Stop);
        await ControlPlane.StopApiServerAsync(Stop);
        Assert.Null(ControlPlane.ApiServerProcessId);
        await ControlPlane.StartApiServerAsync(Stop);
        var process = ControlPlane.ApiServerProcessId;
        await ControlPlane.StartApiServerAsync(Stop); // it runs: nothing to do
        Assert.Equal(process, ControlPlane.ApiServerProcessId);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(running.Admin, "/readyz"));
    }

    [Fact]
    public async Task A_port_that_somebody_took_is_an_error_that_says_so()
    {
        await ControlPlane.KillApiServerAsync(Stop);
        using (var squatter = new TcpListener(IPAddress.Loopback, ControlPlane.Address.Port))
        {
            squatter.Start();
            var error = await Assert.ThrowsAsync<ControlPlaneException>(() => ControlPlane.StartApiServerAsync(Stop));
            Assert.StartsWith("kube-apiserver ended with exit code ", error.Message, StringComparison.Ordinal);
            Assert.Contains("address already in use", error.Message, StringComparison.Ordinal);
        }

        await ControlPlane.StartApiServerAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(running.Admin, "/readyz"));
    }

    [Fact]
    public async Task A_deleted_namespace_goes_away_with_what_it_holds()
    {
        var space = await running.NewNamespaceAsync();
        await running.CreateAsync($"/api/v1/namespaces/{space}/secrets", """{"metadata":{"name":"held"}}""");
        await BecomesAsync(HttpStatusCode.OK, running.Admin, $"/api/v1/namespaces/{space}/serviceaccounts/default");
        await running.DeleteAsync($"/api/v1/namespaces/{space}");
        await BecomesAsync(HttpStatusCode.NotFound, running.Admin, $"/api/v1/namespaces/{space}");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(running.Admin, $"/api/v1/namespaces/{space}/secrets/held"));
    }

    [Fact]
    public async Task Nobody_mints_token_secrets()
    {
        // Tokens come from the TokenRequest API alone; token Secrets would be noise in every count of Secrets.
        var space = await running.NewNamespaceAsync();
        await BecomesAsync(HttpStatusCode.OK, running.Admin, $"/api/v1/namespaces/{space}/serviceaccounts/default");
        Assert.Equal(0, (await running.GetAsync($"/api/v1/namespaces/{space}/secrets")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await running.GetAsync("/api/v1/namespaces/kube-system/secrets")).GetProperty("items").GetArrayLength());
    }

    private Task<string> KubeconfigOfAsync(string @namespace, string name, TimeSpan? lifetime = null) =>
        ControlPlane.KubeconfigForServiceAccountAsync(@namespace, name, lifetime, cancellationToken: Stop);

    private static string? VersionOf(JsonElement thing) => thing.GetProperty("metadata").GetProperty("resourceVersion").GetString();

    private static Task BecomesAsync(HttpStatusCode status, HttpClient client, string path) =>
        Eventually.TrueAsync($"{path} answers {status}", async () => await StatusAsync(client, path) == status);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Stop);
        return response.StatusCode;
    }
}
