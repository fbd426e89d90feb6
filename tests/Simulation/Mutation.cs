using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Simulation;

/// <summary>Ways to build the system wrongly. A simulation that does not notice them would not notice anything; nothing else uses them.</summary>
internal sealed record Mutation
{
    /// <summary>What stands between a run of the functions, which looks at these scopes, and the API server.</summary>
    public Func<ICluster, IReadOnlyCollection<Scope>, ICluster>? Door { get; init; }

    /// <summary>What is served and how, instead of what it should be.</summary>
    public Func<EngineSettings, EngineSettings>? Settings { get; init; }

    /// <summary>What the exporter makes of a line instead of what its catalogue says.</summary>
    public Func<WatchLine, Verdict, Verdict>? Judge { get; init; }

    /// <summary>A full outbox forgets what waits longest.</summary>
    public bool DropsOldest { get; init; }

    /// <summary>The publisher takes events for delivered whatever the answer is.</summary>
    public bool PublishesOnce { get; init; }

    /// <summary>The exporter does not look again at what was left undone.</summary>
    public bool ForgetsUndone { get; init; }

    /// <summary>The functions acknowledge whatever came of their work.</summary>
    public bool NeverAsksAgain { get; init; }

    /// <summary>What the functions were not allowed to do is left to whoever else comes by.</summary>
    public bool NeverSweepsSoon { get; init; }

    /// <summary>An exporter that takes the Lease over says nothing of it.</summary>
    public bool TakesOverSilently { get; init; }

    /// <summary>The exporter does not say that it has seen everything.</summary>
    public bool NeverSyncs { get; init; }
}
