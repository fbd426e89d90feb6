using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Heliograph.Cluster;
using Heliograph.ControlPlane;
using Xunit;

namespace Heliograph.Fakes.Tests.Conformance;

/// <summary>A real control plane for the time of the tests.</summary>
public sealed class RealApiServer : IAsyncLifetime
{
    private LocalControlPlane? controlPlane;

    internal HttpClient Http { get; private set; } = null!;

    internal ApiServerAge Age => controlPlane!.Version is { Major: 1, Minor: < 21 } ? ApiServerAge.Kubernetes120 : ApiServerAge.Recent;

    internal KubernetesCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        controlPlane = await LocalControlPlane.StartAsync();
        Http = controlPlane.CreateAdminClient();
        Cluster = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = controlPlane.AdminKubeconfig });
    }

    public async ValueTask DisposeAsync()
    {
        Cluster?.Dispose();
        Http?.Dispose();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
    }
}

/// <summary>
/// The same random scripts against the fake and the real API server: every answer, object, list and watch line must agree, managed fields and times included.
/// <c>HELIOGRAPH_SEED</c> is the first seed, <c>HELIOGRAPH_SCRIPTS</c> how many are played; so a failing seed is replayed with the second set to 1.
/// </summary>
public sealed class ConformanceTests(RealApiServer server) : IClassFixture<RealApiServer>
{
    private const int Players = 12;
    private const int MaxTold = 10;
    private const int MaxAttempts = 10;
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task Objects_agree() => PlayAsync("objects", 120, seed => new ScriptGenerator(seed).Objects());

    [Fact]
    public Task Objects_in_namespaces_that_come_and_go_agree() => PlayAsync("namespaces", 20, seed => new ScriptGenerator(seed).Namespaces());

    private async Task PlayAsync(string name, int count, Func<int, ImmutableArray<Step>> scriptOf)
    {
        var seeds = Enumerable.Range(Setting("HELIOGRAPH_SEED") ?? 1, Setting("HELIOGRAPH_SCRIPTS") ?? count);
        var differences = new ConcurrentDictionary<int, string>();
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = Players, CancellationToken = Stop }, async (seed, _) =>
        {
            if (await DifferenceAsync(scriptOf(seed), $"{name}-{seed}", seed) is { } difference)
                differences[seed] = difference;
        });
        if (!differences.IsEmpty)
            Assert.Fail(await ReportAsync(name, differences, scriptOf));
    }

    /// <summary>What differs when a script is played in a namespace of its own; null where nothing does.</summary>
    private async Task<string?> DifferenceAsync(ImmutableArray<Step> script, string ns, int seed)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await new Duel(server.Http, server.Cluster, server.Age, $"{ns}-{attempt}", throughPort: seed % 3 == 0, Stop).RunAsync(script);
                return null;
            }
            catch (DifferenceException e)
            {
                return e.Message;
            }
            catch (UncertainTimeException) when (attempt < MaxAttempts)
            {
            }
        }
    }

    /// <summary>Leaves out of the first script every step without which the two still differ, and tells the rest.</summary>
    private async Task<string> ReportAsync(string name, IReadOnlyDictionary<int, string> differences, Func<int, ImmutableArray<Step>> scriptOf)
    {
        var seed = differences.Keys.Min();
        var (script, difference) = (scriptOf(seed), differences[seed]);
        for (var index = script.Length - 1; index >= 0; index--)
        {
            var shorter = script.RemoveAt(index);
            if (await DifferenceAsync(shorter, $"{name}-{seed}-{index}", seed) is { } still)
                (script, difference) = (shorter, still);
        }
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"seed {seed} of {name}: {difference}");
        report.AppendLine("after these steps:");
        foreach (var step in script)
            report.AppendLine(CultureInfo.InvariantCulture, $"  {step}");
        foreach (var (other, message) in differences.Where(other => other.Key != seed).OrderBy(other => other.Key).Take(MaxTold))
            report.AppendLine(CultureInfo.InvariantCulture, $"seed {other}: {message}");
        return report.ToString();
    }

    private static int? Setting(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var value) ? value : null;
}
