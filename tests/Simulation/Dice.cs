namespace Heliograph.Simulation;

/// <summary>Chance from a seed (SplitMix64): the same on every machine and with every version of .NET.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    /// <summary>Dice for one purpose, so that what one part of the simulation throws does not change what another gets.</summary>
    public static Dice Of(int seed, string purpose, int number = 0)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in purpose)
            hash = (hash ^ c) * 1099511628211UL;
        return new Dice(Mix(hash ^ Mix((ulong)(uint)seed + 0x632BE59BD9B4E019UL) ^ Mix(((ulong)(uint)number << 32) + 0x9E3779B97F4A7C15UL)));
    }

    /// <summary>A number from 0 up to, but not including, the limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>Whether something of this probability, in thousandths, happens.</summary>
    public bool Happens(int thousandths) => Below(1000) < thousandths;

    /// <summary>One of several.</summary>
    public T Pick<T>(IReadOnlyList<T> several) => several[Below(several.Count)];

    private ulong Next() => Mix(state += 0x9E3779B97F4A7C15UL);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
