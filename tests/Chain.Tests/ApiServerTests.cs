using Heliograph.Chain.Tests.World;

namespace Heliograph.Chain.Tests;

/// <summary>The API server goes away in the middle of everything, and comes back.</summary>
public sealed class ApiServerTests(Chain chain) : ChainTest(chain)
{
    [Fact]
    public async Task Killed_under_a_burst_and_started_again()
    {
        var burst = new Burst(World, "killed", seed: 1);
        await burst.SettleInAsync();
        await Chain.ConvergesAsync();
        Chain.FunctionsApi.Forget();
        var going = burst.GoAsync(120);
        await SeesAsync("mirrors are being written", () => Chain.FunctionsApi.Requests.Count(request => request.IsWrite) > 20);

        await Chain.ControlPlane.KillApiServerAsync(TestContext.Current.CancellationToken);
        await Chain.ControlPlane.StartApiServerAsync(TestContext.Current.CancellationToken);
        await going;

        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();
    }

    [Fact]
    public async Task Restarted_together_with_etcd()
    {
        var burst = new Burst(World, "restarted", seed: 2);
        await burst.SettleInAsync();
        await Chain.ConvergesAsync();
        var going = burst.GoAsync(80);
        await SeesAsync("mirrors are being written", () => Chain.FunctionsApi.Requests.Count(request => request.IsWrite) > 20);

        await Chain.ControlPlane.StopEtcdAsync(TestContext.Current.CancellationToken);
        await Chain.ControlPlane.KillApiServerAsync(TestContext.Current.CancellationToken);
        await Chain.ControlPlane.StartEtcdAsync(TestContext.Current.CancellationToken);
        await Chain.ControlPlane.StartApiServerAsync(TestContext.Current.CancellationToken);
        await going;

        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();
    }
}
