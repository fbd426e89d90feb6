using Xunit;

namespace Heliograph.Simulation.Tests;

/// <summary>Whoever builds the system wrongly is caught. A simulation that lets one of these pass would let other faults pass as well.</summary>
public sealed class CanaryTests(ITestOutputHelper output)
{
    private const int Seeds = 6000;

    public static TheoryData<string> Names => [.. Mutants.All.Keys];

    public static TheoryData<string> NamesOfTrees => [.. TreeMutants.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_system_built_wrongly_is_caught(string name) => Catch(Mutants.All[name], hasTree: false);

    [Theory]
    [MemberData(nameof(NamesOfTrees))]
    public void Inheritance_built_wrongly_is_caught(string name) => Catch(TreeMutants.All[name], hasTree: true);

    private void Catch(Mutation mutation, bool hasTree)
    {
        var caught = Enumerable.Range(1, Seeds).Chunk(100)
            .Select(seeds => seeds.AsParallel().AsOrdered().Select(seed => Simulation.Run(new Plan(seed) { HasTree = hasTree }, mutation)).FirstOrDefault(result => result.Promise is not null))
            .FirstOrDefault(result => result is not null);
        Assert.NotNull(caught);
        Assert.False(caught.Promise!.Contains("throws", StringComparison.Ordinal), caught.Fault);
        output.WriteLine($"{caught.Plan}: {caught.Fault}");
    }
}
