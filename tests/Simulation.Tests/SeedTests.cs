using System.Collections.Concurrent;
using Xunit;

namespace Heliograph.Simulation.Tests;

/// <summary>The whole system, from many seeds.</summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const int Seeds = 1000;

    [Fact]
    public void Every_promise_holds_whatever_happens()
    {
        var broken = new ConcurrentBag<Result>();
        var tallies = new ConcurrentBag<Tally>();
        Parallel.For(1, Seeds + 1, seed =>
        {
            var result = Simulation.Run(new Plan(seed));
            tallies.Add(result.Tally);
            if (result.Promise is not null)
                broken.Add(result);
        });
        var tally = tallies.Aggregate((sum, one) => sum + one);
        output.WriteLine($"{Seeds} seeds: {tally}");
        Assert.Empty(broken.OrderBy(result => result.Plan.Seed).Select(result => $"./dev simulate {Shrinker.Shrink(result).Plan}: {result.Fault}"));
        // A simulation in which little happens would prove little.
        Assert.True(tally.Writes > 4 * Seeds && tally.Crashes > Seeds, tally.ToString());
    }
}
