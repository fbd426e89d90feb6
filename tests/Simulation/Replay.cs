using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Heliograph.Simulation;

/// <summary>What the command does: one seed with its history, or many with their progress.</summary>
internal static class Replay
{
    /// <summary>How many broken seeds of many are made smaller before they are told.</summary>
    private const int MostShrunk = 10;

    /// <summary>Runs one plan and prints all that happened.</summary>
    /// <returns>The exit code.</returns>
    public static int RunOne(Plan plan, bool shrinks)
    {
        var result = Simulation.Run(plan);
        if (shrinks && result.Promise is not null)
            result = Shrinker.Shrink(result);
        foreach (var line in result.History)
            Console.WriteLine(line);
        Console.WriteLine(result.Promise is null ? $"all is well: {Describe(result.Tally)}" : $"BROKEN: {result.Fault}");
        if (result.Plan != plan)
            Console.WriteLine($"the same with less: {result.Plan}");
        return result.Promise is null ? 0 : 1;
    }

    /// <summary>Runs many seeds and prints those that break a promise.</summary>
    /// <returns>The exit code.</returns>
    public static int RunMany(int first, int last, bool hasTrees)
    {
        var began = Stopwatch.GetTimestamp();
        var broken = new ConcurrentBag<Result>();
        var tally = default(Tally);
        var done = 0;
        var gate = new Lock();
        Parallel.For(first, last + 1, seed =>
        {
            var result = Simulation.Run(new Plan(seed) { HasTree = hasTrees });
            if (result.Promise is not null)
                broken.Add(result with { History = [] });
            lock (gate)
            {
                tally += result.Tally;
                if (++done % 500 == 0)
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} seeds, {broken.Count} broken, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
            }
        });
        foreach (var (number, result) in broken.OrderBy(result => result.Plan.Seed).Index())
        {
            var shrunk = number < MostShrunk ? Shrinker.Shrink(result) : result;
            Console.WriteLine($"{shrunk.Plan}\n    {shrunk.Fault.Split('\n')[0]}");
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{done} seeds, {broken.Count} broken; {Describe(tally)}; {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
        return broken.IsEmpty ? 0 : 1;
    }

    private static string Describe(Tally tally) =>
        string.Create(CultureInfo.InvariantCulture, $"{tally.Steps} steps, {tally.Requests} requests, {tally.Writes} writes, {tally.Crashes} crashes");
}
