using Heliograph.Chain.Tests.Network;
using Heliograph.Chain.Tests.World;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>Programs die in the middle of their work, or are away for a while.</summary>
public sealed class DeathTests(Chain chain) : ChainTest(chain)
{
    private const int Width = 200;

    [Fact]
    public async Task Killed_in_the_middle_of_a_fan_out_and_started_again()
    {
        await World.AddNamespacesAsync(["wide-home", .. Enumerable.Range(0, Width).Select(i => $"wide-{i}")]);
        var source = new Source(new ResourceRef("Secret", "wide-home", "s"), @"wide-\d+", 1);

        await HalfWayAsync(() => World.PutAsync(source));
        await Chain.Functions.KillAsync();
        Chain.IsInOrder();
        await Chain.Functions.StartAsync();
        await Chain.ConvergesAsync();

        await HalfWayAsync(() => World.PutAsync(source with { Content = 2 }));
        await Chain.Functions.KillAsync();
        await Chain.Exporter.KillAsync();
        Chain.IsInOrder();
        await Chain.Functions.StartAsync();
        await Chain.Exporter.StartAsync();
        await Chain.ConvergesAsync();

        await HalfWayAsync(() => World.RemoveAsync(source));
        await Chain.Functions.KillAsync();
        Chain.IsInOrder();
        await Chain.Functions.StartAsync();
        await Chain.ConvergesAsync();
    }

    [Fact]
    public async Task The_exporter_killed_with_events_that_nobody_has()
    {
        var burst = new Burst(World, "unsent", seed: 5);
        await burst.SettleInAsync();
        await Chain.ConvergesAsync();
        Chain.Bus.Forget();
        Chain.Bus.Fates = _ => Fate.IsLost;
        await burst.GoAsync(60);
        await SeesAsync("events are under way", () => Chain.Bus.Requests.Length > 0);

        await Chain.Exporter.KillAsync();
        Chain.IsInOrder();
        Assert.NotEmpty(await World.DifferencesAsync());
        await Chain.Exporter.StartAsync();

        await Chain.ConvergesAsync();
    }

    [Fact]
    public async Task Functions_that_are_away_get_everything_afterwards_and_readiness_says_so_meanwhile()
    {
        var burst = new Burst(World, "away", seed: 6);
        await burst.SettleInAsync();
        await Chain.ConvergesAsync();
        await Chain.Functions.KillAsync();
        var saidBefore = Chain.Exporter.Lines.Count;

        await burst.GoAsync(60);
        await Chain.ExporterSaysAsync("no event could be sent since");
        Assert.Contains(Chain.Exporter.Lines.Skip(saidBefore), line => line.Contains($"{Chain.Bus.Address}api/events does not answer", StringComparison.Ordinal));
        Assert.NotEmpty(await World.DifferencesAsync());
        Chain.ExporterApi.Forget();
        await Chain.Functions.StartAsync();

        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();
        Assert.DoesNotContain(Chain.ExporterApi.Requests, request => request is { IsWatch: false, Collection: not null });
    }

    /// <summary>Does something that makes the functions write, and stops their writes after a while.</summary>
    private async Task HalfWayAsync(Func<Task> action)
    {
        var passed = 0;
        var held = 0;
        Chain.FunctionsApi.Fates = request =>
        {
            if (!request.IsWrite || Interlocked.Increment(ref passed) <= Width / 3)
                return Fate.Passes;
            Interlocked.Increment(ref held);
            return Fate.IsHeld;
        };
        await action();
        await SeesAsync("writes wait", () => Volatile.Read(ref held) > 0);
        Assert.NotEmpty(await World.DifferencesAsync());
    }
}
