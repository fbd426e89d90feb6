using Xunit;

namespace Heliograph.Simulation.Tests;

/// <summary>Whoever builds the system wrongly is caught. A simulation that lets one of these pass would let other faults pass as well.</summary>
public sealed class CanaryTests(ITestOutputHelper output)
{
    private const int Seeds = 3000;

    public static TheoryData<string> Names => [.. Mutants.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_system_built_wrongly_is_caught(string name)
    {
        var caught = Enumerable.Range(1, Seeds).Chunk(100)
            .Select(seeds => seeds.AsParallel().AsOrdered().Select(seed => Simulation.Run(new Plan(seed), Mutants.All[name])).FirstOrDefault(result => result.Promise is not null))
            .FirstOrDefault(result => result is not null);
        Assert.NotNull(caught);
        Assert.DoesNotContain("throws", caught.Promise, StringComparison.Ordinal);
        output.WriteLine($"seed {caught.Plan.Seed}: {caught.Fault}");
    }
}
