using FsCheck;
using FsCheck.Fluent;

namespace Heliograph.Rules.Tests;

/// <summary>Scripts of random worlds: every number is the seed of one change by somebody.</summary>
internal static class Scripts
{
    /// <summary>Scripts of as many changes. One that fails is told without the changes that it fails without.</summary>
    public static Arbitrary<int[]> Of(int changes) => Arb.From(Gen.Choose(0, int.MaxValue - 1).ArrayOf(changes), Shorter);

    private static IEnumerable<int[]> Shorter(int[] list)
    {
        for (var length = list.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= list.Length; at += length)
                yield return [.. list[..at], .. list[(at + length)..]];
        }
    }
}
