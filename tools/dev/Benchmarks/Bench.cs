using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Benchmarks;

/// <summary>
/// The measurements, in order. Raw limits are taken in the same run, right after the fan-outs and without the programs: the same writes, seen by the same watch.
/// </summary>
internal sealed class Bench(BenchWorld world, BenchReport report, Programs programs, string kubeconfig, Instance instance)
{
    private const int Changes = 200;
    private const int Starts = 20;
    private const int Unrelated = 10_000;
    private static readonly int[] FanOuts = [200, 1000];

    public async Task RunAsync(CancellationToken cancellation)
    {
        await world.CreateNamespacesAsync("one", 1, cancellation);
        var options = new PairOptions(kubeconfig, kubeconfig, new Dictionary<string, string>());
        await using (var pair = await Pair.StartAsync(programs, options, instance, (_, _) => { }))
        {
            await ReadyAsync(pair, cancellation);
            Memory(pair, "at rest in an empty cluster");
            await LatencyAsync(", empty cluster", cancellation);
        }
        await StartUpAsync(cancellation);
        foreach (var size in FanOuts)
            await world.CreateNamespacesAsync(Prefix(size), size, cancellation);
        var fanOuts = new List<FanOut>();
        await using (var pair = await Pair.StartAsync(programs, options, instance, (_, _) => { }))
        {
            await ReadyAsync(pair, cancellation);
            await LatencyAsync($", {FanOuts.Sum()} namespaces", cancellation);
            foreach (var size in FanOuts)
                fanOuts.Add(await FanOutAsync(size, cancellation));
            Memory(pair, "after the fan-outs");
        }
        foreach (var fanOut in fanOuts)
            await RawAsync(fanOut, cancellation);
        Progress.ToStderr.Report($"creating {Unrelated} unrelated Secrets");
        await world.CreateNamespacesAsync("crowd", 1, cancellation);
        await world.CreateUnrelatedAsync("crowd-0000", Unrelated, cancellation);
        await using (var pair = await Pair.StartAsync(programs, options, instance, (_, _) => { }))
        {
            var began = Stopwatch.GetTimestamp();
            await ReadyAsync(pair, cancellation);
            report.Add($"start to ready, {Unrelated} unrelated Secrets", Milliseconds(Stopwatch.GetElapsedTime(began)));
            await LatencyAsync($", {Unrelated} unrelated Secrets", cancellation);
            Memory(pair, $"with {Unrelated} unrelated Secrets");
        }
    }

    private async Task StartUpAsync(CancellationToken cancellation)
    {
        var startUp = new StartUp(programs.Functions, kubeconfig, instance.KeyFile);
        var took = new List<TimeSpan>();
        for (var i = 0; i < Starts; i++)
            took.Add(await startUp.MeasureAsync(cancellation));
        took.Sort();
        var (functions, exporter) = (new FileInfo(programs.Functions).Length / 1e6, new FileInfo(programs.Exporter).Length / 1e6);
        report.Add($"functions: process started to first event handled, {Starts} starts", $"p50 {Milliseconds(took[Starts / 2])}, longest {Milliseconds(took[^1])}");
        report.Add("size of the programs", string.Create(CultureInfo.InvariantCulture, $"exporter {exporter:F1} MB, functions {functions:F1} MB"));
    }

    private async Task RawAsync(FanOut fanOut, CancellationToken cancellation)
    {
        const string Name = "raw";
        var (size, prefix) = (fanOut.Size, Prefix(fanOut.Size));
        await world.CreateLikeMirrorsAsync(prefix, "warm-up", size, fanOut.Annotations, "1", cancellation);
        await world.DeleteSecretsAsync(prefix, "warm-up", size, cancellation);
        using var watch = await world.WatchAsync(Name, cancellation);
        var create = await TimeAsync(() => Task.WhenAll(
            watch.ArrivedAsync(size, "1", cancellation), world.CreateLikeMirrorsAsync(prefix, Name, size, fanOut.Annotations, "1", cancellation)));
        var update = await TimeAsync(() => Task.WhenAll(
            watch.ArrivedAsync(size, "2", cancellation), world.UpdateLikeMirrorsAsync(prefix, Name, size, fanOut.Annotations, "2", cancellation)));
        await world.DeleteSecretsAsync(prefix, Name, size, cancellation);
        report.Add($"{size} mirrors created", fanOut.Create, create);
        report.Add($"{size} mirrors updated", fanOut.Update, update);
    }

    private async Task LatencyAsync(string circumstances, CancellationToken cancellation)
    {
        const string Name = "latency";
        using (var watch = await world.WatchAsync(Name, cancellation))
        {
            await watch.ArrivedAsync(1, await world.CreateSourceAsync(Name, "one", cancellation), cancellation);
            var took = new List<TimeSpan>();
            for (var i = 0; i < Changes; i++)
            {
                var began = Stopwatch.GetTimestamp();
                var version = await world.ChangeSourceAsync(Name, $"value {i}", cancellation);
                await watch.ArrivedAsync(1, version, cancellation);
                took.Add(Stopwatch.GetElapsedTime(began));
            }
            took.Sort();
            report.Add(
                $"change sent to mirror seen, {Changes} changes{circumstances}",
                $"p50 {Milliseconds(took[Changes / 2])}, p99 {Milliseconds(took[Changes * 99 / 100])}");
        }
        await world.DeleteSourceAsync(Name, cancellation);
    }

    private async Task<FanOut> FanOutAsync(int size, CancellationToken cancellation)
    {
        var name = $"fan-out-{size}";
        using var watch = await world.WatchAsync(name, cancellation);
        var create = await TimeAsync(async () => await watch.ArrivedAsync(size, await world.CreateSourceAsync(name, Prefix(size), cancellation), cancellation));
        var before = await world.RequestsAsync(cancellation);
        var update = await TimeAsync(async () => await watch.ArrivedAsync(size, await world.ChangeSourceAsync(name, "changed", cancellation), cancellation));
        var after = await world.RequestsAsync(cancellation);
        var asked = after.Select(pair => (Verb: pair.Key, Count: pair.Value - before.GetValueOrDefault(pair.Key)))
            .Where(pair => pair.Count > 0 && pair.Verb != "WATCH").OrderBy(pair => pair.Verb, StringComparer.Ordinal).Select(pair => $"{pair.Count} {pair.Verb}");
        report.Add($"API requests for the update of {size} (one PATCH is the change itself)", string.Join(", ", asked));
        var annotations = await world.AnnotationsAsync(Prefix(size), name, cancellation);
        await world.DeleteSourceAsync(name, cancellation);
        return new FanOut(size, create, update, annotations);
    }

    private static async Task ReadyAsync(Pair pair, CancellationToken cancellation)
    {
        if (!await pair.BecomesReadyAsync(cancellation))
            throw new DevException($"{(await pair.Death).Name} ended before it was ready");
    }

    private void Memory(Pair pair, string when)
    {
        report.Add($"resident memory {when}", $"exporter {Resident.Of(pair.ExporterProcess)}, functions {Resident.Of(pair.FunctionsProcess)}");
    }

    private static string Prefix(int size) => string.Create(CultureInfo.InvariantCulture, $"fan{size}");

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms");

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>How long a fan-out took, and what its mirrors bear.</summary>
    private sealed record FanOut(int Size, TimeSpan Create, TimeSpan Update, JsonObject Annotations);
}
