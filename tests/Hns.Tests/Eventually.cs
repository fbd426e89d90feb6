using System.Diagnostics;

namespace Heliograph.Hns.Tests;

/// <summary>What becomes so, with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until a text is the expected one.</summary>
    public static async Task IsAsync(string expected, Func<Task<string>> read)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var text = await read();
            if (text == expected)
                return;
            if (Stopwatch.GetElapsedTime(began) > Patience)
                Assert.Equal(expected, text);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
