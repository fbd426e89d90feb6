using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// One cell of the mirror matrix as it was gathered: what one source wants of one place, and what stands there now. All that
/// <see cref="Decision.Decide"/> knows.
/// </summary>
public sealed record Cell
{
    /// <summary>The source's name.</summary>
    public required ResourceRef SourceRef { get; init; }

    /// <summary>The source; null where it is gone.</summary>
    public SourceView? Source { get; init; }

    /// <summary>Where the mirror stands or would stand.</summary>
    public required ResourceRef Place { get; init; }

    /// <summary>The namespace of the place; null where there is none.</summary>
    public Snapshot? Namespace { get; init; }

    /// <summary>What stands at the place; null where nothing does.</summary>
    public Snapshot? Mirror { get; init; }

    /// <summary>Other sources that want, or may want, a mirror at the same place by a push (<see cref="SourceView.MayPushInto"/>).</summary>
    public ImmutableArray<SourceView> Rivals { get; init; } = [];

    /// <summary>Where the source's own content comes from (<see cref="Dialects.ReadUpstream"/>), and so on upwards; empty where it is nobody's mirror.</summary>
    public ImmutableArray<ResourceRef> Upstream { get; init; } = [];

    /// <summary>The operator's settings.</summary>
    public required RuleSettings Settings { get; init; }
}
