using System.Collections.Concurrent;

namespace Heliograph.Engine.Tests.Interleavings;

/// <summary>
/// Walks through every order in which the steps of several actors can happen, on every processor. A state is reached by replaying its path from the
/// start; a state that was reached before on another path is not walked through again.
/// </summary>
internal sealed class Explorer : IDisposable
{
    private readonly Func<Play> begin;
    private readonly int limit;
    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);
    private readonly BlockingCollection<string[]> open = new(new ConcurrentStack<string[]>());
    private int walks = 1;
    private int ends;
    private string? fault;

    private Explorer(Func<Play> begin, int limit)
    {
        this.begin = begin;
        this.limit = limit;
    }

    /// <summary>Walks until every reachable state was seen, or a check fails.</summary>
    /// <param name="begin">Makes the play anew.</param>
    /// <param name="limit">How many states there may be; more is a mistake of the test.</param>
    public static Exploration Explore(Func<Play> begin, int limit)
    {
        using var explorer = new Explorer(begin, limit);
        explorer.open.Add([]);
        Parallel.For(0, Environment.ProcessorCount, _ => explorer.Walk());
        if (explorer.seen.Count > limit)
            throw new InvalidOperationException($"more than {limit} states");
        return new Exploration(explorer.seen.Count, explorer.ends, explorer.fault);
    }

    public void Dispose() => open.Dispose();

    private void Walk()
    {
        foreach (var path in open.GetConsumingEnumerable())
        {
            Walk(path);
            if (Interlocked.Decrement(ref walks) == 0)
                open.CompleteAdding();
        }
    }

    private void Walk(string[] path)
    {
        if (fault is not null || seen.Count > limit)
            return;
        var play = begin();
        foreach (var step in path)
            play.Take(step);
        // The first choice is followed on the spot; the others are for later.
        while (seen.TryAdd(play.State, true))
        {
            var choices = play.Choices.ToArray();
            if (choices.Length == 0)
            {
                Interlocked.Increment(ref ends);
                if (play.Fault() is { } found)
                    Interlocked.CompareExchange(ref fault, $"{found}\nafter\n  {string.Join("\n  ", path)}", null);
                return;
            }
            foreach (var choice in choices.Skip(1))
                Later([.. path, choice]);
            path = [.. path, choices[0]];
            play.Take(choices[0]);
        }
    }

    private void Later(string[] path)
    {
        Interlocked.Increment(ref walks);
        open.Add(path);
    }
}

/// <summary>What a walk came to.</summary>
/// <param name="States">How many different states were reached.</param>
/// <param name="Ends">How many of them had nothing left to happen.</param>
/// <param name="Fault">The first broken promise with the way to it; null where all held.</param>
internal sealed record Exploration(int States, int Ends, string? Fault);
