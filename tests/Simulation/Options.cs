using System.Collections.Immutable;
using System.Globalization;

namespace Heliograph.Simulation;

/// <summary>The command line.</summary>
/// <param name="Plan">The one plan to run; null where it is many seeds.</param>
/// <param name="First">The first of many seeds.</param>
/// <param name="Last">The last of them.</param>
/// <param name="Shrinks">Whether a plan that breaks a promise is made smaller first.</param>
/// <param name="HasTrees">Whether every world has a tree of namespaces.</param>
internal sealed record Options(Plan? Plan, int First, int Last, bool Shrinks, bool HasTrees)
{
    public const string Usage = """
        --seed N           one seed, with all that happened
        --shrink           with --seed: leave out of it what is not needed to break the promise
        --faults LIST      with --seed: only these kinds of faults
        --without LIST     with --seed: not these user actions, for example 3,7..9
        --seeds A..B       many seeds
        --trees            namespaces inherit in every world, not only in some
        """;

    /// <exception cref="FormatException">It is not understood; the message says what.</exception>
    public static Options Read(string[] arguments)
    {
        var plan = new Plan(-1);
        var options = new Options(null, 0, -1, false, false);
        for (var at = 0; at < arguments.Length; at++)
        {
            string Value() => ++at < arguments.Length ? arguments[at] : throw new FormatException($"{arguments[at - 1]} needs a value");
            switch (arguments[at])
            {
                case "--seed":
                    plan = plan with { Seed = Number(Value()) };
                    break;
                case "--faults":
                    plan = plan with { Faults = FaultsIn(Value()) };
                    break;
                case "--without":
                    plan = plan with { Without = [.. Value().Split(',').SelectMany(item => Range(item))] };
                    break;
                case "--seeds":
                    var seeds = Range(Value());
                    options = options with { First = seeds[0], Last = seeds[^1] };
                    break;
                case "--trees":
                    options = options with { HasTrees = true };
                    break;
                case "--shrink":
                    options = options with { Shrinks = true };
                    break;
                case var unknown:
                    throw new FormatException($"{unknown} is not understood");
            }
        }
        return plan.Seed >= 0 ? options with { Plan = plan with { HasTree = options.HasTrees } }
            : options.Last >= options.First ? options
            : throw new FormatException("say which seed: --seed N, or --seeds A..B");
    }

    private static Faults FaultsIn(string text) => Enum.TryParse<Faults>(text, out var faults)
        ? faults
        : throw new FormatException($"{text}: faults are {string.Join(", ", Enum.GetNames<Faults>())}");

    private static ImmutableArray<int> Range(string text) => text.Split("..") switch
    {
        [var one] => [Number(one)],
        [var a, var b] when Number(b) >= Number(a) => [.. Enumerable.Range(Number(a), Number(b) - Number(a) + 1)],
        _ => throw new FormatException($"{text} is no range such as 1..1000"),
    };

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"{text} is no number");
}
