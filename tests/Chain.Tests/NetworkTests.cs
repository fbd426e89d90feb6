using Heliograph.Chain.Tests.Network;
using Heliograph.Chain.Tests.World;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>The network fails in the ways networks do.</summary>
public sealed class NetworkTests(Chain chain) : ChainTest(chain)
{
    [Fact]
    public async Task A_watch_that_is_cut_in_the_middle_of_a_line_misses_nothing_and_lists_nothing()
    {
        var source = await PutSourceAsync("cut");
        Chain.ExporterApi.Forget();
        Chain.ExporterApi.CutNextLine("secrets");

        await World.PutAsync(source with { Content = 2 });

        await Chain.ConvergesAsync();
        Assert.Contains(Chain.ExporterApi.Requests, request => request is { IsWatch: true, Collection: "secrets" });
        Assert.DoesNotContain(Chain.ExporterApi.Requests, request => request is { IsWatch: false, Collection: "secrets" });
    }

    [Fact]
    public async Task A_connection_on_which_nothing_moves_any_more_is_noticed_and_nothing_is_missed()
    {
        var source = await PutSourceAsync("frozen");
        Assert.NotEqual(0, Chain.ExporterWire.FreezeAll());
        Chain.ExporterApi.Forget();

        await World.PutAsync(source with { Content = 2 });

        await Chain.ConvergesAsync();
        Assert.DoesNotContain(Chain.ExporterApi.Requests, request => request is { IsWatch: false, Collection: not null });
    }

    [Fact]
    public async Task One_request_in_five_going_wrong_delays_and_breaks_nothing()
    {
        var burst = new Burst(World, "chaos", seed: 3);
        await burst.SettleInAsync();
        await Chain.ConvergesAsync();
        var chaos = new Chaos(seed: 4);
        foreach (var proxy in (FaultProxy[])[Chain.ExporterApi, Chain.FunctionsApi, Chain.Bus])
            proxy.Fates = chaos.Deal;

        await burst.GoAsync(60);
        await Chain.Exporter.KillAsync();
        await Chain.Exporter.StartAsync();
        await burst.GoAsync(60);
        await Eventually.TrueAsync(
            "most of it is done while one request in five goes wrong",
            async () => (await World.DifferencesAsync()).Count * 4 < World.Wanted,
            () => Chain.Evidence);
        Chain.IsInOrder();

        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();
        Assert.Equal(5, chaos.Dealt.Count);
    }

    [Fact]
    public async Task A_namespace_in_which_every_write_fails_holds_up_nothing_else()
    {
        var source = await PutSourceAsync("stuck");
        Chain.FunctionsApi.Fates = request =>
            request.IsWrite && request.Path.Contains("/stuck-b/", StringComparison.Ordinal) ? Fate.IsRefused(500) : Fate.Passes;
        await World.PutAsync(source with { Content = 2 });
        await IsTriedAgainAsync(times: 1);
        // From now on there is also the word that everything was seen, which does not come to its end either.
        await Chain.Exporter.KillAsync();
        await Chain.Exporter.StartAsync();

        var other = new Source(new ResourceRef("Secret", "stuck-home", "other"), "stuck-a", 1);
        await World.PutAsync(other);
        await IsAllThatIsLeftAsync("Secret/stuck-b/s does not hold what Secret/stuck-home/s holds");
        await World.PutAsync(other with { Content = 2 });
        await IsAllThatIsLeftAsync("Secret/stuck-b/s does not hold what Secret/stuck-home/s holds");
        await Chain.IsReadyAsync();
        Chain.FunctionsApi.Forget();
        await IsTriedAgainAsync(Tries + 2);
        // Nobody looks at everything because of it: a sweep would list all objects, and not those of one name.
        Assert.DoesNotContain(Chain.FunctionsApi.Requests, request => request.Collection == "secrets" && !request.Query.Contains("metadata.name", StringComparison.Ordinal));
        Chain.IsInOrder();

        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();
    }

    private Task IsTriedAgainAsync(int times) => SeesAsync(
        "it is tried again and again",
        () => Tries >= times);

    private int Tries => Chain.Functions.Lines.Count(line => line.Contains("-> Secret/stuck-b/s: not done, will be tried again", StringComparison.Ordinal));

    private Task IsAllThatIsLeftAsync(string difference) => Eventually.UndisputedAsync(
        $"all that is left is: {difference}",
        async () =>
        {
            var differences = await World.DifferencesAsync();
            return differences is [var only] && only == difference ? [] : [.. differences, "(none would be wrong, too)"];
        },
        () => Chain.Evidence);

    private async Task<Source> PutSourceAsync(string prefix)
    {
        await World.AddNamespacesAsync($"{prefix}-home", $"{prefix}-a", $"{prefix}-b");
        var source = new Source(new ResourceRef("Secret", $"{prefix}-home", "s"), $"{prefix}-[ab]", 1);
        await World.PutAsync(source);
        await Chain.ConvergesAsync();
        return source;
    }
}
