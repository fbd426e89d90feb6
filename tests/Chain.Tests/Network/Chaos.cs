using System.Collections.Concurrent;

namespace Heliograph.Chain.Tests.Network;

/// <summary>One request in five goes wrong, each time in one of five ways; the same seed deals the same fates.</summary>
internal sealed class Chaos(int seed)
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private readonly ConcurrentDictionary<string, int> dealt = new();

    /// <summary>How often each sort of trouble was dealt.</summary>
    public IReadOnlyDictionary<string, int> Dealt => dealt;

    public Fate Deal(Asked asked)
    {
        int die;
        lock (gate)
            die = random.Next(25);
        var fate = die switch
        {
            0 => Fate.IsRefused(429, 1),
            1 => Fate.IsRefused(500),
            2 => Fate.IsRefused(503),
            3 => Fate.IsLost,
            // A watch has no answer that could be lost as a whole.
            4 => asked.IsWatch ? Fate.IsLost : Fate.LosesAnswer,
            _ => Fate.Passes,
        };
        if (fate != Fate.Passes)
            dealt.AddOrUpdate(fate.ToString(), 1, (_, count) => count + 1);
        return fate;
    }
}
