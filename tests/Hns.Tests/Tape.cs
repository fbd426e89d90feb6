using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Heliograph.Hns.Tests;

/// <summary>What a command that goes on has printed so far.</summary>
internal sealed class Tape : TextWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder text = new();

    public Tape() => CoreNewLine = ['\n'];

    public override Encoding Encoding => Encoding.UTF8;

    public string Text
    {
        get
        {
            lock (text)
                return text.ToString();
        }
    }

    public override void Write(char value)
    {
        lock (text)
            text.Append(value);
    }

    /// <summary>Waits for a line.</summary>
    /// <param name="pattern">How it begins.</param>
    /// <param name="running">Who prints it.</param>
    public async Task SaysAsync(string pattern, Task<int> running)
    {
        var began = Stopwatch.GetTimestamp();
        while (!Regex.IsMatch(Text, $"(?m)^{pattern}"))
        {
            Assert.False(running.IsCompleted, $"it ended before it said {pattern}:\n{Text}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"it has not said {pattern}:\n{Text}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
