using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Heliograph.Simulation.Tests;

/// <summary>A seed is the whole of a simulation: whoever has it has everything that happened.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(17)]
    public async Task The_same_seed_writes_the_same_history_to_the_letter(int seed)
    {
        var here = Simulation.Run(new Plan(seed)).History;
        Assert.True(here.Count > 20, "nothing happened");
        Assert.Equal(here, Simulation.Run(new Plan(seed)).History);
        // In another process strings have other hash codes; nothing may depend on them.
        Assert.Equal(here, (await RunAsync("--seed", seed.ToString(CultureInfo.InvariantCulture)))[..^1]);
    }

    [Fact]
    public void Other_seeds_write_other_histories() =>
        Assert.NotEqual(Simulation.Run(new Plan(1)).History, Simulation.Run(new Plan(2)).History);

    [Fact]
    public void Without_an_action_the_others_are_the_same()
    {
        var plan = new Plan(7) { Faults = Faults.None };
        var all = Simulation.Run(plan).History;
        var fewer = Simulation.Run(plan with { Without = [0] }).History;
        Assert.NotEqual(all, fewer);
        Assert.Equal(Actions(all)[0..3], Actions(fewer)[0..3]);

        static string[] Actions(IReadOnlyList<string> history) => [.. history.Where(line => line.Contains("  user ", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_shrunk_plan_breaks_the_same_promise()
    {
        var mutation = Mutants.All["nobody says that everything was seen"];
        var broken = Enumerable.Range(1, 100).Select(seed => Simulation.Run(new Plan(seed), mutation)).First(result => result.Promise is not null);
        var shrunk = Shrinker.Shrink(broken, mutation);
        Assert.Equal(broken.Promise, shrunk.Promise);
        Assert.NotEqual(Faults.All, shrunk.Plan.Faults);
        Assert.Equal(shrunk.Fault, Simulation.Run(shrunk.Plan, mutation).Fault);
    }

    [Fact]
    public async Task A_mistake_on_the_command_line_is_told()
    {
        var said = await RunAsync("--seed", "many");
        Assert.Contains("many is no number", said);
    }

    private static async Task<string[]> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "heliograph-simulation"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return [.. (output + await error).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
