using System.Collections.Immutable;
using System.Globalization;

namespace Heliograph.Simulation;

/// <summary>What may go wrong beside what users do.</summary>
[Flags]
public enum Faults
{
    /// <summary>Everything works; only orders and delays differ.</summary>
    None = 0,

    /// <summary>An instance of the functions is killed, between any two requests or in the middle of a write.</summary>
    FunctionCrashes = 1,

    /// <summary>The exporter is killed with all it has not sent.</summary>
    ExporterCrashes = 2,

    /// <summary>Reads of the functions fail.</summary>
    FailingReads = 4,

    /// <summary>Writes fail, before or after they took effect.</summary>
    FailingWrites = 8,

    /// <summary>The publisher gets no answer, whether or not its events have arrived.</summary>
    LostAnswers = 16,

    /// <summary>The bus delivers again what it has delivered.</summary>
    Duplicates = 32,

    /// <summary>Watches and lists of the exporter break.</summary>
    BrokenWatches = 64,

    /// <summary>The API server forgets old versions.</summary>
    Expirations = 128,

    /// <summary>Time passes in leaps, so that runs reach their deadline.</summary>
    Stalls = 256,

    /// <summary>Rights are taken away for a while (403).</summary>
    MissingRights = 512,

    /// <summary>Of two exporters the one that publishes loses the Lease.</summary>
    LostLeases = 1024,

    /// <summary>All of it.</summary>
    All = 2047,
}

/// <summary>What is simulated: a seed, from which everything follows, and what is left out of it.</summary>
/// <param name="Seed">The seed.</param>
public sealed record Plan(int Seed)
{
    /// <summary>The faults that may happen; which of them do, the seed says.</summary>
    public Faults Faults { get; init; } = Faults.All;

    /// <summary>Whether namespaces inherit whatever the seed says; else they do in some worlds.</summary>
    public bool HasTree { get; init; }

    /// <summary>The numbers of user actions that are left out.</summary>
    public ImmutableSortedSet<int> Without { get; init; } = [];

    /// <summary>The options of the command that replays this.</summary>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"--seed {Seed}");
        if (HasTree)
            text += " --trees";
        if (Faults != Faults.All)
            text += $" --faults {Faults.ToString().Replace(" ", "", StringComparison.Ordinal)}";
        if (!Without.IsEmpty)
            text += $" --without {string.Join(',', Ranges())}";
        return text;
    }

    private IEnumerable<string> Ranges()
    {
        for (var at = 0; at < Without.Count;)
        {
            var first = at;
            while (at < Without.Count && Without[at] - Without[first] == at - first)
                at++;
            yield return at - first == 1 ? $"{Without[first]}" : $"{Without[first]}..{Without[at - 1]}";
        }
    }
}
