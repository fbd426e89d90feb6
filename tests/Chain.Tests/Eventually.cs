using System.Diagnostics;

namespace Heliograph.Chain.Tests;

/// <summary>Waiting for what must become true, with a limit that is no part of any claim.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until there are no objections any more.</summary>
    /// <param name="what">What is waited for, to say so where it never comes.</param>
    /// <param name="objections">What stands against it; an exception of a request is an objection, too.</param>
    /// <param name="evidence">What to show where it never comes.</param>
    public static async Task UndisputedAsync(string what, Func<Task<IReadOnlyList<string>>> objections, Func<string> evidence)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = await AskAsync(objections);
            if (left.Count == 0)
                return;
            if (Stopwatch.GetElapsedTime(began) > Patience)
                Assert.Fail($"not within {Patience.TotalSeconds:0} s: {what}; {left.Count} objections:\n{string.Join('\n', left.Take(12))}\n{evidence()}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(string what, Func<Task<bool>> condition, Func<string> evidence) =>
        UndisputedAsync(what, async () => await condition() ? [] : ["it is not so"], evidence);

    public static Task TrueAsync(string what, Func<bool> condition, Func<string> evidence) =>
        TrueAsync(what, () => Task.FromResult(condition()), evidence);

    private static async Task<IReadOnlyList<string>> AskAsync(Func<Task<IReadOnlyList<string>>> objections)
    {
        try
        {
            return await objections();
        }
        catch (HttpRequestException e)
        {
            return [e.Message];
        }
    }
}
