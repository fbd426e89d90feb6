using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Fakes.Tests.Conformance;

/// <summary>Which of the values that an object had a precondition names.</summary>
public enum Precondition
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The newest that was seen; where the object is gone, its last.</summary>
    Current,

    /// <summary>One that was seen before the newest, if any, else one that never was.</summary>
    Stale,
}

/// <summary>What the managed fields of a PUT's body are.</summary>
public enum Tracking
{
    /// <summary>Not there.</summary>
    Absent,

    /// <summary>Those of the live object, as in an edited object.</summary>
    Live,

    /// <summary>An empty list, which ends tracking.</summary>
    Reset,
}

/// <summary>One step of a script: an operation on one object, without anything that differs between two API servers.</summary>
public sealed record Step
{
    /// <summary>The request's verb; <see cref="ApiVerb.Get"/> stands for a pause until the clock shows another second.</summary>
    public required ApiVerb Verb { get; init; }

    public required Kind Kind { get; init; }

    /// <summary>Which of the script's namespaces; those that were never created are among them.</summary>
    public int Namespace { get; init; }

    public string Name { get; init; } = "";

    public string Manager { get; init; } = Vocabulary.FieldManager;

    public Precondition Uid { get; init; }

    public Precondition Version { get; init; }

    public Tracking Tracking { get; init; }

    /// <summary>Whether a PUT's body begins as the live object, as in <c>kubectl edit</c>, or says only what the step says.</summary>
    public bool Edits { get; init; }

    public bool Force { get; init; } = true;

    /// <summary>Labels, annotations, finalizers, owners.</summary>
    public Json.Map Metadata { get; init; } = Json.Empty;

    /// <summary>The fields beside metadata.</summary>
    public Json.Map Fields { get; init; } = Json.Empty;

    public bool IsPause => Verb == ApiVerb.Get;

    /// <summary>The step as one line.</summary>
    public override string ToString()
    {
        if (IsPause)
            return "pause";
        var parts = ImmutableArray.CreateBuilder<string>();
        parts.Add($"{Verb} {Kind.Name} {Namespace}/{Name} by {Manager}");
        if (Uid != Precondition.None) parts.Add($"uid={Uid}");
        if (Version != Precondition.None) parts.Add($"version={Version}");
        if (Edits) parts.Add($"edits, managedFields={Tracking}");
        if (!Force) parts.Add("unforced");
        if (!Metadata.IsEmpty) parts.Add($"metadata={Metadata}");
        if (!Fields.IsEmpty) parts.Add($"fields={Fields}");
        return string.Join(" ", parts);
    }
}
