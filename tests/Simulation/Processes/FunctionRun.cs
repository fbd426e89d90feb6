using System.Collections.Immutable;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Simulation.Processes;

/// <summary>How a request is answered.</summary>
/// <param name="Done">Whether it is done; else it is to be delivered again.</param>
/// <param name="Undone">What alone is left; null where all is to be delivered again.</param>
internal readonly record struct Settlement(bool Done, Undone? Undone = null);

/// <summary>One request that an instance of the functions works on.</summary>
internal sealed class FunctionRun(string client, int instance, int pace, ImmutableArray<Message> messages, Action<Settlement> settle)
{
    /// <summary>As the stepper knows it.</summary>
    public string Client { get; } = client;

    public int Instance { get; } = instance;

    /// <summary>How quick it is. One that is slow meets a world that has moved on.</summary>
    public int Pace { get; } = pace;

    public ImmutableArray<Message> Messages { get; } = messages;

    public Task<Outcome> Task { get; set; } = null!;

    /// <summary>Whether it looks at everything.</summary>
    public bool IsSweep { get; init; }

    /// <summary>How often its process had not been allowed something when it began.</summary>
    public int Refused { get; init; }

    public CancellationTokenSource Deadline { get; set; } = null!;

    /// <summary>Tells whoever waits for the answer: done, or again.</summary>
    public void Settle(Settlement answer) => settle(answer);
}
