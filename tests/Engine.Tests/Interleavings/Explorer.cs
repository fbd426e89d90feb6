namespace Heliograph.Engine.Tests.Interleavings;

/// <summary>
/// Walks through every order in which the steps of several actors can happen. A state is reached by replaying its path from the start; a state that
/// was reached before on another path is not walked through again.
/// </summary>
internal static class Explorer
{
    /// <summary>Walks until every reachable state was seen, or a check fails.</summary>
    /// <param name="begin">Makes the play anew.</param>
    /// <param name="limit">How many states there may be; more is a mistake of the test.</param>
    public static Exploration Explore(Func<Play> begin, int limit)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string[]>();
        open.Push([]);
        var ends = 0;
        while (open.TryPop(out var path))
        {
            var play = begin();
            foreach (var step in path)
                play.Take(step);
            // The first choice is followed on the spot; the others are for later.
            while (seen.Add(play.State))
            {
                if (seen.Count > limit)
                    throw new InvalidOperationException($"more than {limit} states");
                var choices = play.Choices.ToArray();
                if (choices.Length == 0)
                {
                    ends++;
                    if (play.Fault() is { } fault)
                        return new Exploration(seen.Count, ends, $"{fault}\nafter\n  {string.Join("\n  ", path)}");
                    break;
                }
                foreach (var choice in choices.Skip(1))
                    open.Push([.. path, choice]);
                path = [.. path, choices[0]];
                play.Take(choices[0]);
            }
        }
        return new Exploration(seen.Count, ends, null);
    }
}

/// <summary>What a walk came to.</summary>
/// <param name="States">How many different states were reached.</param>
/// <param name="Ends">How many of them had nothing left to happen.</param>
/// <param name="Fault">The first broken promise with the way to it; null where all held.</param>
internal sealed record Exploration(int States, int Ends, string? Fault);
