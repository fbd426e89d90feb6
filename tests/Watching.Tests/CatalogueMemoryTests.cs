using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>Measures the heap, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(MeasuresTheHeap), DisableParallelization = true)]
public sealed class MeasuresTheHeap;

[Collection(nameof(MeasuresTheHeap))]
public sealed class CatalogueMemoryTests
{
    private readonly Catalogue catalogue = new();

    [Fact]
    public void A_mirror_costs_less_than_three_hundred_bytes()
    {
        const int Count = 20_000;
        var source = Mirrors.Source();
        catalogue.ShowList(Kinds.Secret, source);
        for (var i = 0; i < 1000; i++)
            catalogue.Changed(Mirrors.Made($"ns-{i % 200}", name: $"warm-{i}").Snapshot());
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < Count; i++)
            catalogue.Changed(Mirrors.Made($"ns-{i}").Snapshot());

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        TestContext.Current.TestOutputHelper!.WriteLine($"{each} bytes for each of {Count} mirrors");
        Assert.InRange(each, 1, 299);
        Assert.Equal(Count + 1001, catalogue.Objects);
    }
}
