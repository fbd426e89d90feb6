using System.Diagnostics.Metrics;
using Heliograph.Cluster.Access;
using Heliograph.Engine;
using Heliograph.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Cluster.Tests;

/// <summary>Who we are to the API server, and whether it is the right one.</summary>
public sealed class AccessTests(RealCluster cluster) : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_client_certificate_is_who_we_are()
    {
        using var client = RealCluster.Connect(cluster.ControlPlane.KubeconfigForClientCertificate("operator", "system:masters"));
        using var nobody = RealCluster.Connect(cluster.ControlPlane.KubeconfigForClientCertificate("nobody"));

        Assert.NotNull(await client.GetAsync(Kinds.Namespace, "", "default", ReadDepth.Metadata, Cancellation));
        Assert.Equal(FailureKind.NotAllowed, (await FailureAsync(nobody)).Kind);
    }

    [Fact]
    public async Task A_service_account_may_do_what_its_roles_say_and_no_more()
    {
        var (ns, kubeconfig) = await ServiceAccountAsync("get");
        using var client = RealCluster.Connect(kubeconfig);

        var read = await client.GetAsync(Kinds.Secret, ns, "none", ReadDepth.Metadata, Cancellation);
        var write = Assert.IsType<WriteResult.Refused>(await client.SendAsync(Writing.Create(Kinds.Secret, ns, "s", Writing.Secret("s", "")), Cancellation)).Failure;
        var list = await Assert.ThrowsAsync<ClusterException>(() => client.ListAsync(Kinds.Secret, default, keep: null, Cancellation));

        Assert.Null(read);
        Assert.Equal((FailureKind.NotAllowed, 403, "Forbidden"), (write.Kind, write.StatusCode, write.Reason));
        Assert.Equal("list secrets: 403 Forbidden", list.Message);
    }

    [Fact]
    public async Task A_token_file_that_rotates_under_a_live_client_is_read_again_when_the_token_is_refused()
    {
        var (ns, kubeconfig) = await ServiceAccountAsync("get");
        var tokenFile = KubeconfigFile.Load(kubeconfig).Setting("users", $"system:serviceaccount:{ns}:reader", "user", "tokenFile");
        await File.WriteAllTextAsync(tokenFile!, "long-expired", Cancellation);
        using var counted = new CountedRequests();
        using var client = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = kubeconfig }, counted);

        var expired = await Assert.ThrowsAsync<ClusterException>(() => client.GetAsync(Kinds.Secret, ns, "none", ReadDepth.Metadata, Cancellation));
        Assert.Equal(["get Secret 4xx"], counted.Take());
        await cluster.ControlPlane.KubeconfigForServiceAccountAsync(ns, "reader", cancellationToken: Cancellation);
        var read = await client.GetAsync(Kinds.ConfigMap, ns, "kube-root-ca.crt-not", ReadDepth.Metadata, Cancellation);

        Assert.Equal((FailureKind.Unauthenticated, 401, "Unauthorized"), (expired.Failure.Kind, expired.Failure.StatusCode, expired.Failure.Reason));
        Assert.Null(read);
        // The refused one, and the same with the new token: no such object.
        Assert.Equal(["get ConfigMap 4xx", "get ConfigMap 4xx"], counted.Take());
        Assert.Null(await client.GetAsync(Kinds.Secret, ns, "none", ReadDepth.Metadata, Cancellation));
        Assert.Equal(["get Secret 4xx"], counted.Take());
    }

    [Fact]
    public async Task A_plugin_gives_a_token_with_its_arguments_as_they_stand()
    {
        var script = directory.Write("plugin.sh", """
            test "$1" = "two words" || exit 3
            test "$GREETING" = "hello; world" || exit 4
            printf '%s' "$KUBERNETES_EXEC_INFO" > "$2"
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$3"
            """);
        var info = Path.Combine(directory.Path, "info");
        var authorizations = new List<string>();
        await using var server = await StubServer.StartAsync(context =>
        {
            authorizations.Add(context.Request.Headers.Authorization.ToString());
            return StubServer.JsonAsync(context, 200, """{"gitVersion":"v1.20.2","major":"1","minor":"20+"}""");
        });
        using var client = server.Connect(Exec($"\"{script}\", \"two words\", \"{info}\", \"plugin-token\"", """env: [{name: GREETING, value: "hello; world"}], provideClusterInfo: true"""));

        var version = await client.GetVersionAsync(Cancellation);
        await client.GetVersionAsync(Cancellation);

        Assert.Equal(new ServerVersion("v1.20.2", 1, 20), version);
        Assert.Equal(["Bearer plugin-token", "Bearer plugin-token"], authorizations);
        var told = await File.ReadAllTextAsync(info, Cancellation);
        Assert.StartsWith("""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":""", told, StringComparison.Ordinal);
        using var parsed = System.Text.Json.JsonDocument.Parse(told);
        Assert.StartsWith("LS0t", parsed.RootElement.GetProperty("spec").GetProperty("cluster").GetProperty("certificate-authority-data").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public async Task A_token_file_without_a_token_leaves_us_unauthenticated(string text)
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(_ =>
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        });
        using var client = server.Connect($"tokenFile: \"{directory.Write("token", text)}\"");

        var failure = await FailureAsync(client);

        Assert.Equal((FailureKind.Unauthenticated, 0, "TokenFileUnreadable", 0), (failure.Kind, failure.StatusCode, failure.Reason, requests));
    }

    [Fact]
    public async Task A_plugin_works_with_a_real_API_server()
    {
        var admin = KubeconfigFile.Load(cluster.ControlPlane.AdminKubeconfig).Model;
        var response = Credential(admin.Users.Single().UserCredentials.Token, expires: null);
        var file = directory.Write("response.json", response);
        var kubeconfig = directory.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: {server: "{{cluster.ControlPlane.Address}}", certificate-authority: "{{cluster.ControlPlane.CertificateAuthority}}"} }]
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: cat, args: ["{{file}}"] } } }]
            """);
        using var client = RealCluster.Connect(kubeconfig);

        Assert.NotNull(await client.GetAsync(Kinds.Namespace, "", "default", ReadDepth.Metadata, Cancellation));
    }

    [Fact]
    public async Task A_plugin_is_asked_again_before_its_token_expires_and_when_it_is_refused()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var answer = directory.Write("answer", Credential("first", time.GetUtcNow().AddMinutes(10)));
        using var plugin = new ExecPlugin(new ExecCommand("/bin/cat", [answer], [], "client.authentication.k8s.io/v1", ""), time);

        var first = await plugin.GetAsync(Cancellation);
        directory.Write("answer", Credential("second", time.GetUtcNow().AddMinutes(20)));
        time.Advance(TimeSpan.FromMinutes(9));
        var stillFirst = await plugin.GetAsync(Cancellation);
        time.Advance(TimeSpan.FromSeconds(31));
        var second = await plugin.GetAsync(Cancellation);
        directory.Write("answer", Credential("third", expires: null));
        var tooSoon = await plugin.RenewAsync(second, Cancellation);
        var renewedByOthers = await plugin.RenewAsync(first, Cancellation);
        time.Advance(TimeSpan.FromSeconds(11));
        var third = await plugin.RenewAsync(second, Cancellation);
        time.Advance(TimeSpan.FromDays(1));
        var stillThird = await plugin.GetAsync(Cancellation);

        Assert.Equal(
            ["first", "first", "second", "second", "second", "third", "third"],
            new[] { first, stillFirst, second, tooSoon, renewedByOthers, third, stillThird }.Select(header => header!.Parameter));
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("echo no json")]
    [InlineData("echo '{}'")]
    [InlineData("""echo '{"status":{"token":""}}'""")]
    [InlineData("""echo '{"status":{"token":"two words"}}'""")]
    [InlineData("""echo '{"status":{"clientCertificateData":"none","clientKeyData":"none"}}'""")]
    public async Task A_plugin_that_fails_leaves_us_unauthenticated(string script)
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(_ =>
        {
            Interlocked.Increment(ref requests);
            return Task.CompletedTask;
        });
        using var client = server.Connect(Exec($"\"{directory.Write("plugin.sh", script)}\""));

        var failure = await FailureAsync(client);

        Assert.Equal((FailureKind.Unauthenticated, 0, "CredentialPluginFailed", 0), (failure.Kind, failure.StatusCode, failure.Reason, requests));
        Assert.True(failure.Heals);
    }

    [Fact]
    public async Task A_plugin_may_give_a_client_certificate()
    {
        var (certificate, key) = ClientCertificate();
        var subjects = new List<string>();
        await using var server = await StubServer.StartAsync(context =>
        {
            subjects.Add(context.Connection.ClientCertificate?.Subject ?? "none");
            return StubServer.JsonAsync(context, 200, """{"gitVersion":"v1"}""");
        });
        var answer = directory.Write(
            "answer.json", System.Text.Json.JsonSerializer.Serialize(new { status = new { clientCertificateData = certificate, clientKeyData = key } }));
        using var client = server.Connect($"exec: {{apiVersion: client.authentication.k8s.io/v1, command: cat, args: [\"{answer}\"] }}");

        await client.GetVersionAsync(Cancellation);

        Assert.Equal(["CN=plugin-user"], subjects);
    }

    [Fact]
    public async Task Impersonation_and_passwords_are_sent_as_the_kubeconfig_says()
    {
        IHeaderDictionary? headers = null;
        await using var server = await StubServer.StartAsync(context =>
        {
            headers = context.Request.Headers;
            return StubServer.JsonAsync(context, 200, """{"gitVersion":"v1"}""");
        });
        using var client = server.Connect("username: a, password: b, as: somebody, as-groups: [one, two]");

        await client.GetVersionAsync(Cancellation);

        Assert.Equal("Basic YTpi", headers!.Authorization.ToString());
        Assert.Equal("somebody", headers["Impersonate-User"].ToString());
        Assert.Equal(["one", "two"], headers["Impersonate-Group"].SelectMany(value => value!.Split(", ")));
        Assert.StartsWith("heliograph/", headers.UserAgent.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_a_certificate_for_another_name_is_not_spoken_to()
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(
            context =>
            {
                Interlocked.Increment(ref requests);
                return StubServer.JsonAsync(context, 200, """{"gitVersion":"v1"}""");
            },
            name: "other.example");
        using var client = server.Connect();
        using var named = server.Connect(cluster: "tls-server-name: other.example");
        using var careless = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = Insecure(server) });

        var failure = await FailureAsync(client);

        Assert.Equal((FailureKind.Unanswered, "SecureConnectionError", 0), (failure.Kind, failure.Reason, requests));
        Assert.Equal("v1", (await named.GetVersionAsync(Cancellation)).GitVersion);
        Assert.Equal("v1", (await careless.GetVersionAsync(Cancellation)).GitVersion);
    }

    [Fact]
    public async Task A_server_that_another_authority_vouches_for_is_not_spoken_to()
    {
        await using var server = await StubServer.StartAsync(_ => Task.CompletedTask);
        var authority = Convert.ToBase64String(await File.ReadAllBytesAsync(cluster.ControlPlane.CertificateAuthority, Cancellation));
        var kubeconfig = await File.ReadAllTextAsync(server.Kubeconfig("token: t"), Cancellation);
        var other = System.Text.RegularExpressions.Regex.Replace(kubeconfig, "certificate-authority-data: [^,]*", "certificate-authority-data: " + authority);
        using var client = RealCluster.Connect(directory.Write("kubeconfig", other));

        Assert.Equal("SecureConnectionError", (await FailureAsync(client)).Reason);
    }

    [Fact]
    public async Task In_a_pod_the_service_account_is_who_we_are()
    {
        var (ns, kubeconfig) = await ServiceAccountAsync("get");
        var tokenFile = KubeconfigFile.Load(kubeconfig).Setting("users", $"system:serviceaccount:{ns}:reader", "user", "tokenFile")!;
        File.Copy(tokenFile, Path.Combine(directory.Path, "token"));
        File.Copy(cluster.ControlPlane.CertificateAuthority, Path.Combine(directory.Path, "ca.crt"));
        var address = cluster.ControlPlane.Address;
        using var client = KubernetesCluster.Connect(new ClusterOptions
        {
            ServiceAccountDirectory = directory.Path,
            Environment = name => name switch
            {
                "KUBERNETES_SERVICE_HOST" => address.Host,
                "KUBERNETES_SERVICE_PORT" => address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => null,
            },
        });

        Assert.Null(await client.GetAsync(Kinds.Secret, ns, "none", ReadDepth.Metadata, Cancellation));
    }

    private static string Exec(string arguments, string more = "env: []") =>
        $"exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, args: [{arguments}], {more} }}";

    private static string Credential(string token, DateTimeOffset? expires) => System.Text.Json.JsonSerializer.Serialize(
        new { status = new { token, expirationTimestamp = expires?.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture) } });

    private static (string Certificate, string Key) ClientCertificate()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=plugin-user", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private string Insecure(StubServer server) => directory.Write("insecure", $$"""
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c} }]
        clusters: [{name: c, cluster: {server: "{{server.Address}}", insecure-skip-tls-verify: true} }]
        """);

    /// <summary>A service account <c>reader</c> in a namespace of its own, that may do this there with Secrets and ConfigMaps.</summary>
    private async Task<(string Namespace, string Kubeconfig)> ServiceAccountAsync(string verb)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"reader"}}""");
        await cluster.CallAsync(
            HttpMethod.Post,
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
            $$"""{"metadata":{"name":"reader"},"rules":[{"apiGroups":[""],"resources":["secrets","configmaps"],"verbs":["{{verb}}"]}]}""");
        await cluster.CallAsync(
            HttpMethod.Post,
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            $$"""
            {"metadata":{"name":"reader"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"},
             "subjects":[{"kind":"ServiceAccount","name":"reader","namespace":"{{ns}}"}]}
            """);
        return (ns, await cluster.ControlPlane.KubeconfigForServiceAccountAsync(ns, "reader", cancellationToken: Cancellation));
    }

    private static async Task<Failure> FailureAsync(KubernetesCluster client) =>
        (await Assert.ThrowsAsync<ClusterException>(() => client.GetAsync(Kinds.Namespace, "", "default", ReadDepth.Metadata, Cancellation))).Failure;
}

/// <summary>Counts requests of one client.</summary>
internal sealed class CountedRequests : IMeterFactory
{
    private readonly MeterListener listener = new();
    private readonly List<Meter> meters = [];
    private readonly List<string> counted = [];

    public CountedRequests()
    {
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this && instrument.Name == "heliograph.cluster.requests")
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var text = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
            lock (counted)
                counted.AddRange(Enumerable.Repeat(text, (int)count));
        });
        listener.Start();
    }

    /// <summary>What was counted since the last time: verb, kind, status class.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (counted)
        {
            string[] taken = [.. counted];
            counted.Clear();
            return taken;
        }
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        listener.Dispose();
        meters.ForEach(meter => meter.Dispose());
    }
}
