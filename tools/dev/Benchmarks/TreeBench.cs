using System.Diagnostics;
using System.Globalization;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Benchmarks;

/// <summary>What inheritance costs: a tree of a thousand namespaces in which each inherits twenty Secrets from the root, from nothing, after a change, after a move.</summary>
internal sealed class TreeBench(TreeWorld world, BenchReport report, Programs programs, string kubeconfig, Instance instance)
{
    private const int Namespaces = 1000;
    private const int Moved = 200;
    private const int Objects = 20;

    public async Task RunAsync(CancellationToken cancellation)
    {
        Progress.ToStderr.Report($"creating {Namespaces} namespaces in a tree");
        await world.PlantAsync(Namespaces, Moved, Objects, cancellation);
        // A tenth, times ten: all of it would stay in the way of what is measured.
        var raw = await TimeAsync(() => world.RawAsync(Namespaces - 1, Objects / 10, cancellation)) * 10;
        using var copies = await world.WatchAsync(cancellation);
        var options = new PairOptions(kubeconfig, kubeconfig, new Dictionary<string, string> { ["Inheritance__Enabled"] = "true", ["Inheritance__TrustChildren"] = "true" });
        var all = (Namespaces - 1) * Objects;
        Progress.ToStderr.Report($"waiting for {all} copies");
        var start = await world.RequestsAsync(cancellation);
        var began = Stopwatch.GetTimestamp();
        await using var pair = await Pair.StartAsync(programs, options, instance, (_, _) => { });
        await copies.AreAsync(held => held.Count(copy => copy.Value.From == TreeWorld.Root) == all, cancellation);
        report.Add($"tree of {Namespaces} namespaces, depth 5: {all} copies from nothing", Stopwatch.GetElapsedTime(began), raw);
        if (!await pair.BecomesReadyAsync(cancellation))
            throw new DevException($"{(await pair.Death).Name} ended before it was ready");
        report.Add("until ready", Milliseconds(Stopwatch.GetElapsedTime(began)));
        report.Add("API requests from nothing", Asked(start, await world.RequestsAsync(cancellation)));
        Memory(pair, $"with {all} copies");

        var before = await world.RequestsAsync(cancellation);
        var changed = await TimeAsync(async () =>
        {
            var version = await world.ChangeAsync(cancellation);
            await copies.AreAsync(held => held.Values.Count(copy => copy.Version == version) == Namespaces - 1, cancellation);
        });
        report.Add($"a Secret of the root changed: {Namespaces - 1} copies follow", Milliseconds(changed));
        report.Add("API requests after that change", Asked(before, await world.RequestsAsync(cancellation)));

        before = await world.RequestsAsync(cancellation);
        var moved = await TimeAsync(async () =>
        {
            await world.MoveAsync(cancellation);
            await copies.AreAsync(
                held => held.Count(copy => copy.Value.From == TreeWorld.Other) == Moved * Objects && held.Count(copy => copy.Value.From == TreeWorld.Root) == all - (Moved * Objects), cancellation);
        });
        report.Add($"a subtree of {Moved} moved to another root: {Moved * Objects} copies go, as many come", Milliseconds(moved));
        report.Add("API requests after that move", Asked(before, await world.RequestsAsync(cancellation)));
        Memory(pair, "after the move");
    }

    private static string Asked(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) => string.Join(", ", after
        .Select(pair => (Verb: pair.Key, Count: pair.Value - before.GetValueOrDefault(pair.Key))).Where(pair => pair.Count > 0 && pair.Verb != "WATCH")
        .OrderBy(pair => pair.Verb, StringComparer.Ordinal).Select(pair => $"{pair.Count} {pair.Verb}"));

    private void Memory(Pair pair, string when) => report.Add(
        $"resident memory {when}", $"exporter {Resident.Of(pair.ExporterProcess)}, functions {Resident.Of(pair.FunctionsProcess)}");

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms");

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began);
    }
}
