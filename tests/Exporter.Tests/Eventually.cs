using System.Diagnostics;
using Xunit.Sdk;
using Xunit.v3;

// Counters belong to the process, and so to one test at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace Heliograph.Exporter.Tests;

/// <summary>Waits for what other threads and processes do, by looking again and again until a deadline that no working code comes near.</summary>
internal static class Eventually
{
    private static readonly TimeSpan deadline = TimeSpan.FromSeconds(60);

    public static async Task<T> BecomesAsync<T>(Func<Task<T?>> look, string what)
        where T : class
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await look() is { } seen)
                return seen;
            if (Stopwatch.GetElapsedTime(began) > deadline)
                throw new XunitException($"It never came to this: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> look, string what) =>
        BecomesAsync(() => Task.FromResult(look() ? "yes" : null), what);
}
