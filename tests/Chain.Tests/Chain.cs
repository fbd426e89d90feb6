using System.Runtime.Versioning;
using Heliograph.Chain.Tests;
using Heliograph.Chain.Tests.Network;
using Heliograph.Chain.Tests.World;
using Heliograph.ControlPlane;
using Heliograph.Dev;
using Heliograph.Dev.Clusters;
using Heliograph.Dev.Executables;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Chain))]
// There is one cluster, and it is killed now and then.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: UnsupportedOSPlatform("windows")]

namespace Heliograph.Chain.Tests;

/// <summary>
/// Everything, as it ships: a real control plane, both programs with the rights of our manifests and no others, and between them a network that does
/// what a test wants.
/// </summary>
public class Chain : IAsyncLifetime
{
    private const string Account = "heliograph";
    private const string Key = "key-of-the-chain";

    private LocalControlPlane? controlPlane;
    private HttpClient? admin;
    private UserApi? user;
    private Api? installer;

    internal LocalControlPlane ControlPlane => controlPlane!;

    /// <summary>Past every proxy, with every right.</summary>
    internal HttpClient Admin => admin!;

    /// <summary>Past every proxy, and insisting.</summary>
    internal UserApi User => user!;

    /// <summary>What users want, and how the cluster differs from it; one for all tests.</summary>
    internal SourcesWorld World { get; private set; } = null!;

    internal RealProgram Exporter { get; private set; } = null!;

    internal RealProgram Functions { get; private set; } = null!;

    /// <summary>Between the exporter and the API server: first bytes, then requests.</summary>
    internal Relay ExporterWire { get; private set; } = null!;

    internal FaultProxy ExporterApi { get; private set; } = null!;

    /// <summary>Between the functions and the API server.</summary>
    internal FaultProxy FunctionsApi { get; private set; } = null!;

    /// <summary>Between the exporter and the functions.</summary>
    internal FaultProxy Bus { get; private set; } = null!;

    internal IReadOnlyList<Manifest> Manifests { get; private set; } = [];

    internal Api Installer => installer!;

    /// <summary>What is granted beside what replication takes, as kustomizations.</summary>
    private protected virtual IEnumerable<string> Rights => [];

    internal string Evidence => $"{Exporter.Evidence}\n{Functions.Evidence}";

    public async ValueTask InitializeAsync()
    {
        var programs = await Programs.PrepareAsync(jit: false, CancellationToken.None);
        controlPlane = await LocalControlPlane.StartAsync();
        admin = controlPlane.CreateAdminClient();
        user = new UserApi(admin);
        World = new SourcesWorld(user);
        installer = Api.Connect(controlPlane.AdminKubeconfig);
        Manifests = [.. Rights.Prepend("infra/cluster/base").SelectMany(path => Manifest.ReadKustomization(Repository.At(path.Split('/'))))];
        foreach (var manifest in Manifests)
            await installer.CreateAsync(manifest, "installer", CancellationToken.None);

        var authority = await File.ReadAllTextAsync(controlPlane.CertificateAuthority);
        ExporterApi = await FaultProxy.StartAsync(controlPlane.Address, controlPlane.ServingCertificate, authority);
        ExporterWire = new Relay(ExporterApi.Address);
        FunctionsApi = await FaultProxy.StartAsync(controlPlane.Address, controlPlane.ServingCertificate, authority);
        await ConnectProgramsAsync(programs);
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[Exporter, Functions, Bus, ExporterWire, ExporterApi, FunctionsApi, controlPlane])
        {
            if (part is not null)
                await part.DisposeAsync();
        }
        installer?.Dispose();
        admin?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Both programs run, the network is in order, and everything is as it should be.</summary>
    internal async Task IsUpAsync()
    {
        IsInOrder();
        await Functions.StartAsync();
        await Exporter.StartAsync();
        await IsReadyAsync();
        await ConvergesAsync();
    }

    /// <summary>Nothing goes wrong on the network any more, and nothing is left of what went wrong.</summary>
    internal void IsInOrder()
    {
        ExporterWire.DropFrozen();
        foreach (var proxy in (FaultProxy[])[ExporterApi, FunctionsApi, Bus])
            proxy.PassEverything();
    }

    internal Task IsReadyAsync() => Eventually.UndisputedAsync(
        "both programs are ready",
        async () => [.. new[] { await Exporter.ObstacleAsync(), await Functions.ObstacleAsync() }.OfType<string>()],
        () => Evidence);

    internal Task ConvergesAsync() => Eventually.UndisputedAsync("every mirror is what its source says", DifferencesAsync, () => Evidence);

    /// <summary>How the cluster differs from what follows from what users have asked for.</summary>
    private protected virtual Task<IReadOnlyList<string>> DifferencesAsync() => World.DifferencesAsync();

    /// <summary>What else a program is told.</summary>
    private protected virtual void Configure(Dictionary<string, string> settings, bool isFunctions)
    {
    }

    /// <summary>Waits until the exporter says something of its readiness.</summary>
    internal Task ExporterSaysAsync(string what) => Eventually.TrueAsync(
        $"the exporter's readiness says: {what}",
        async () => (await Exporter.ObstacleAsync())?.Contains(what, StringComparison.Ordinal) == true,
        () => Evidence);

    /// <summary>Everything that left the API server and is no object: what both programs wrote, what went over the bus, and the cluster's Events.</summary>
    internal async Task<IReadOnlyList<string>> SaidAsync()
    {
        var events = await Admin.GetStringAsync(new Uri("/api/v1/events", UriKind.Relative), TestContext.Current.CancellationToken);
        return [.. Exporter.Lines, .. Functions.Lines, .. Bus.Bodies, events, await Exporter.ObstacleAsync() ?? "", await Functions.ObstacleAsync() ?? ""];
    }

    private async Task ConnectProgramsAsync(Programs programs)
    {
        var functions = new Uri($"http://127.0.0.1:{FreePort.Pick()}");
        var exporter = new Uri($"http://127.0.0.1:{FreePort.Pick()}");
        Bus = await FaultProxy.StartAsync(functions, keepsBodies: true);
        Functions = Program(
            programs.Functions,
            isFunctions: true,
            new Dictionary<string, string>
            {
                ["Kubernetes__Kubeconfig"] = await KubeconfigAsync("heliograph-functions", FunctionsApi.Address),
                ["Functions__Listen"] = functions.GetLeftPart(UriPartial.Authority),
                ["Functions__Key"] = Key,
                // What is put right must not be put right by looking everywhere from time to time.
                ["Sweep__Interval"] = "23:00:00",
                ["Logging__LogLevel__Default"] = "Debug",
            },
            functions);
        Exporter = Program(
            programs.Exporter,
            isFunctions: false,
            new Dictionary<string, string>
            {
                ["Kubernetes__Kubeconfig"] = await KubeconfigAsync("heliograph-exporter", ExporterWire.Address),
                ["Exporter__Listen"] = exporter.GetLeftPart(UriPartial.Authority),
                ["Exporter__Endpoint"] = new Uri(Bus.Address, "/api/events").ToString(),
                ["Exporter__Key"] = Key,
                ["Logging__LogLevel__Default"] = "Debug",
            },
            exporter);
    }

    private RealProgram Program(string path, bool isFunctions, Dictionary<string, string> settings, Uri address)
    {
        Configure(settings, isFunctions);
        return new RealProgram(path, settings, address);
    }

    private Task<string> KubeconfigAsync(string account, Uri address) => ControlPlane.KubeconfigForServiceAccountAsync(Account, account, address: address);
}

/// <summary>What every test of the chain begins and ends with.</summary>
public abstract class ChainTest(Chain chain) : IAsyncLifetime
{
    private protected Chain Chain { get; } = chain;

    private protected SourcesWorld World => Chain.World;

    public virtual async ValueTask InitializeAsync() => await Chain.IsUpAsync();

    /// <summary>No secret value is anywhere but in the API server and the mirrors.</summary>
    public async ValueTask DisposeAsync()
    {
        Chain.IsInOrder();
        var said = await Chain.SaidAsync();
        Assert.DoesNotContain(said, Canary.IsIn);
        // So that it is seen to have looked at the right things.
        Assert.Contains(said, text => text.Contains("resourceVersion", StringComparison.OrdinalIgnoreCase));
        GC.SuppressFinalize(this);
    }

    private protected static Task SeesAsync(string what, Func<bool> condition) => Eventually.TrueAsync(what, condition, () => "");
}
