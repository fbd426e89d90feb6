using System.Collections.Concurrent;

namespace Heliograph.ControlPlane.Tests;

/// <summary>Remembers what was reported.</summary>
internal sealed class Told : IProgress<string>
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyCollection<string> Lines => lines;

    public void Report(string value) => lines.Enqueue(value);
}
