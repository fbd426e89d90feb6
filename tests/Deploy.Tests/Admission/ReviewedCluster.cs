using System.Diagnostics;
using Heliograph.Bus.Tests.Tls;
using Heliograph.Chain.Tests;
using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;

namespace Heliograph.Deploy.Tests.Admission;

/// <summary>
/// A real API server that asks the functions, as they ship, over TLS before it does anything: by the webhooks of our manifests, which only lead to this
/// machine instead of to a Service.
/// </summary>
public sealed class ReviewedCluster : IAsyncLifetime
{
    private const string Key = "key-of-the-reviews";
    private const string ServerName = "server";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestAuthority authority = new();
    private LocalControlPlane? controlPlane;
    private HttpClient? functions;

    internal LocalControlPlane ControlPlane => controlPlane!;

    internal RealProgram Functions { get; private set; } = null!;

    /// <summary>Where API servers ask.</summary>
    internal Uri Address { get; } = new($"https://127.0.0.1:{FreePort.Pick()}");

    /// <summary>The authority of their certificate, as a PEM file.</summary>
    internal string AuthorityFile => authority.Authority;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var programs = await Programs.PrepareAsync(jit: false, CancellationToken.None);
        controlPlane = await LocalControlPlane.StartAsync();
        Apply(Kubectl.Render("infra/cluster/inheritance/crds"));
        Run("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
        foreach (var kind in (string[])["Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"])
            Apply(string.Join("\n---\n", Webhooks.Manifests(kind)));
        authority.Issue(ServerName);
        var http = new Uri($"http://127.0.0.1:{FreePort.Pick()}");
        Functions = new RealProgram(
            programs.Functions,
            new Dictionary<string, string>
            {
                ["Kubernetes__Kubeconfig"] = await controlPlane.KubeconfigForServiceAccountAsync("heliograph", "heliograph-functions"),
                ["Functions__Listen"] = http.GetLeftPart(UriPartial.Authority),
                ["Functions__Key"] = Key,
                ["Sweep__Interval"] = "23:00:00",
                ["Replication__Kinds"] = "Secret,ConfigMap,Role,RoleBinding",
                ["Inheritance__Enabled"] = "true",
                ["Inheritance__TrustChildren"] = "true",
                ["Admission__Listen"] = Address.GetLeftPart(UriPartial.Authority),
                ["Admission__CertificateFile"] = authority.Certificate(ServerName),
                ["Admission__CertificateKeyFile"] = authority.Key(ServerName),
            },
            http);
        functions = new HttpClient { BaseAddress = http, Timeout = TimeSpan.FromMinutes(2) };
        functions.DefaultRequestHeaders.Add("x-functions-key", Key);
        functions.DefaultRequestHeaders.Add("Prefer", "wait=60");
        await StartAsync();
        Apply(Webhooks.LeadingTo(Address, authority.Authority));
        // An API server takes a moment to go by them.
        const string Impossible = "apiVersion: hnc.x-k8s.io/v1alpha2\nkind: HierarchyConfiguration\nmetadata: {name: hierarchy, namespace: default}\nspec: {parent: default}\n";
        await SaidAsync("denied the request", () => TryAs(ControlPlane.AdminKubeconfig, Impossible, "create", "--validate=false", "--dry-run=server", "-f", "-"));
    }

    public async ValueTask DisposeAsync()
    {
        functions?.Dispose();
        if (Functions is not null)
            await Functions.DisposeAsync();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
        authority.Dispose();
    }

    /// <summary>Starts the functions and waits until they are ready.</summary>
    internal async Task StartAsync()
    {
        await Functions.StartAsync();
        await EventuallyAsync("the functions are ready", async () => await Functions.ObstacleAsync() is null);
    }

    /// <summary>The functions look at everything: the tree's labels and the copies are as they should be.</summary>
    internal async Task SettleAsync()
    {
        using var response = await functions!.PostAsync(new Uri("/api/resync", UriKind.Relative), null, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Another certificate is put where the first was.</summary>
    /// <returns>Its serial number.</returns>
    internal string Renew() => authority.Issue(ServerName);

    /// <summary>As an administrator, with success.</summary>
    internal string Run(params string[] arguments) => Kubectl.Run(ControlPlane.AdminKubeconfig, null, arguments);

    /// <summary>As an administrator, from a text.</summary>
    internal string Apply(string yaml) => Kubectl.Run(ControlPlane.AdminKubeconfig, yaml, "apply", "--validate=false", "-f", "-");

    /// <summary>As an administrator: what is said against it; empty where it is done.</summary>
    internal string Try(params string[] arguments) => TryAs(ControlPlane.AdminKubeconfig, null, arguments);

    internal string TryApply(string yaml, string? kubeconfig = null) => TryAs(kubeconfig ?? ControlPlane.AdminKubeconfig, yaml, "apply", "--validate=false", "-f", "-");

    internal static async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"did not come about: {what}");
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>Waits until something is said.</summary>
    internal async Task SaidAsync(string text, Func<string> told)
    {
        var last = "";
        try
        {
            await EventuallyAsync($"\"{text}\" is said", () => Task.FromResult((last = told()).Contains(text, StringComparison.Ordinal)));
        }
        catch (Xunit.Sdk.XunitException e)
        {
            Assert.Fail($"{e.Message}; said is: {last}\n{Functions.Evidence}");
        }
    }

    private static string TryAs(string kubeconfig, string? input, params string[] arguments)
    {
        var (code, _, errors) = Kubectl.Try(kubeconfig, input, arguments);
        return code == 0 ? "" : errors;
    }
}
