using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine;

/// <summary>What the engine serves and how hard it works.</summary>
public sealed record EngineSettings
{
    /// <summary>The kinds served.</summary>
    public ImmutableArray<Kind> Kinds { get; init; } = Model.Kinds.Default;

    /// <summary>The operator's part of inheritance; null where it is off.</summary>
    public InheritanceSettings? Inheritance { get; init; }

    /// <summary>The operator's part of the rules.</summary>
    public RuleSettings Rules { get; init; } = new();

    /// <summary>How many writes are under way at once, over all that is being done. Chosen by measurement: beyond, the API server gets no faster.</summary>
    public int ParallelWrites { get; init; } = 32;

    /// <summary>How many reads of one scope are under way at once.</summary>
    public int ParallelReads { get; init; } = 16;

    /// <summary>How many scopes of one batch, or rows of one sweep, are worked on at once.</summary>
    public int ParallelScopes { get; init; } = 32;

    /// <summary>How often a scope is looked at again because somebody was quicker, before it is left to redelivery.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Whether a kind is served.</summary>
    public bool Serves(string kind) => Kinds.Any(k => k.Name == kind);

    /// <summary>The row of the kinds table for a served kind.</summary>
    /// <exception cref="ArgumentException">The kind is not served.</exception>
    public Kind KindOf(string kind) =>
        Kinds.FirstOrDefault(k => k.Name == kind) ?? throw new ArgumentException($"kind {kind} is not served; see the setting Replication__Kinds", nameof(kind));
}
