using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Engine;

/// <summary>The answer to a <see cref="Question"/>. It never holds a payload.</summary>
public sealed record Explanation
{
    /// <summary>What was asked.</summary>
    public required Question Question { get; init; }

    /// <summary>What the answer needs and is not there, for example <c>namespace team-a</c>; null where nothing is missing.</summary>
    public string? Missing { get; init; }

    /// <summary>Whether it is the object asked about that is missing, as opposed to a namespace.</summary>
    public bool IsObjectMissing { get; init; }

    /// <summary>Objects of the same name in other namespaces or of other kinds, where the object asked about does not exist and nothing else is to be said of it.</summary>
    public ImmutableArray<ResourceRef> Namesakes { get; init; } = [];

    /// <summary>What the object is to us; null for a namespace, and where it does not exist.</summary>
    public ObjectRole? Role { get; init; }

    /// <summary>The cells in which the object is the source.</summary>
    public ImmutableArray<ExplainedCell> AsSource { get; init; } = [];

    /// <summary>The cells at the object's own place, or of a namespace every cell in it.</summary>
    public ImmutableArray<ExplainedCell> AsMirror { get; init; } = [];

    /// <summary>Who may pull from whom.</summary>
    public ImmutableArray<PullPermission> Pulls { get; init; } = [];

    /// <summary>The sources that live in the namespace asked about.</summary>
    public ImmutableArray<ResourceRef> Sources { get; init; } = [];
}

/// <summary>One cell with its decision, and the rule it rests on.</summary>
/// <param name="Outcome">What is, or would be done.</param>
/// <param name="Rule">The rule by which the place is selected or the pull permitted, in words; empty where none is.</param>
public sealed record ExplainedCell(CellOutcome Outcome, string Rule)
{
    /// <summary>Why, in words: the decision's sentence, or else the rule.</summary>
    public string Because
    {
        get
        {
            var because = Outcome.Failure?.ToString() ?? (Outcome.Intent.Detail.Length > 0 ? Outcome.Intent.Detail : Rule);
            return Outcome.Intent.Note.Length == 0 ? because : $"{because}; {Outcome.Intent.Note}";
        }
    }
}

/// <summary>Whether an object in a namespace that asked to be filled from a source would be.</summary>
/// <param name="Source">The source.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Permitted">Whether it would.</param>
/// <param name="Because">The rule, in words.</param>
public sealed record PullPermission(ResourceRef Source, string Namespace, bool Permitted, string Because);
