using Heliograph.Chain.Tests.World;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>Nothing changed, nothing done.</summary>
public sealed class RestartTests(Chain chain) : ChainTest(chain)
{
    [Fact]
    public async Task A_restart_of_both_writes_nothing_and_lists_every_kind_once()
    {
        await new Burst(World, "idle", seed: 7).SettleInAsync();
        await Chain.ConvergesAsync();
        Assert.Equal(0, await Chain.Exporter.StopAsync());
        Assert.Equal(0, await Chain.Functions.StopAsync());
        var before = await World.StandingAsync();
        Chain.ExporterApi.Forget();
        Chain.FunctionsApi.Forget();

        await Chain.Functions.StartAsync();
        await Chain.Exporter.StartAsync();
        // Ready means that the functions have answered to the word that everything was seen: they have looked at everything.
        await Chain.IsReadyAsync();

        var after = await World.StandingAsync();
        Assert.NotEqual(0, World.Wanted);
        Assert.Equal(Versions(before), Versions(after));
        Assert.Equal(["configmaps", "namespaces", "secrets"], Lists(Chain.ExporterApi));
        Assert.Equal(["configmaps", "namespaces", "secrets"], Lists(Chain.FunctionsApi));
        Assert.DoesNotContain(Chain.FunctionsApi.Requests, request => request.IsWrite);
        Assert.DoesNotContain(Chain.ExporterApi.Requests, request => request.IsWrite);
    }

    private static IEnumerable<string> Versions(IReadOnlyDictionary<ResourceRef, Standing> standing) =>
        standing.Select(pair => $"{pair.Key} {pair.Value.Uid} {pair.Value.Version}").Order(StringComparer.Ordinal);

    /// <summary>Everything that was read; further pages of a list belong to it.</summary>
    private static IEnumerable<string> Lists(Network.FaultProxy proxy) => proxy.Requests
        .Where(request => request is { Method: "GET", IsWatch: false } && !request.Query.Contains("continue=", StringComparison.Ordinal) && request.Path != "/version")
        .Select(request => request.Collection ?? request.ToString()).Order(StringComparer.Ordinal);
}
