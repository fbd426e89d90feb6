using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>
/// What an event says: where something happened and what is known to be connected with it. A hint is never the truth: whoever receives it reads
/// the world again. Late, doubled, disordered or lost hints are harmless for that reason.
/// </summary>
public abstract record Hint
{
    private Hint()
    {
    }

    /// <summary>The CloudEvents <c>type</c> of this hint.</summary>
    public abstract string EventType { get; }

    /// <summary>The CloudEvents <c>subject</c>: what it is about, in the form of API paths.</summary>
    public abstract string Subject { get; }

    /// <summary>
    /// The same hint for a delivery that may not be the first. Whoever had it before may have been killed in the middle of its work, and a state that is as
    /// old as the change does not show what it left behind.
    /// </summary>
    public virtual Hint Repeated => this;

    /// <summary>An object that is or was of concern changed or went.</summary>
    public sealed record ObjectChanged : Hint
    {
        /// <summary>The object.</summary>
        public required ResourceRef Object { get; init; }

        /// <summary>Whether this is about a deletion.</summary>
        public bool Deleted { get; init; }

        /// <summary>The object's UID; with <see cref="Deleted"/> it lets a function recognise its own deletion.</summary>
        public string Uid { get; init; } = "";

        /// <summary>The version that gave rise to this: an older state of the world does not show it. Empty where it is not known.</summary>
        public string ResourceVersion { get; init; } = "";

        /// <summary>
        /// The newest version of any namespace that was seen when this was told. Whoever tells it vouches: a namespace that has changed since, even
        /// before <see cref="ResourceVersion"/>, will be told of, and so will every mirror that was created there by somebody who did not know yet.
        /// Empty where nobody vouches.
        /// </summary>
        public string NamespacesVersion { get; init; } = "";

        /// <summary>Whether the object is or was a source: look at its row.</summary>
        public bool IsSource { get; init; }

        /// <summary>The sources that have, had or want a mirror at this place: look at those cells.</summary>
        public ImmutableArray<ResourceRef> MirrorOf { get; init; } = [];

        /// <summary>The mirrors of this source that do not bear its name, so that nobody has to list every object to find them.</summary>
        public ImmutableArray<ResourceRef> Mirrors { get; init; } = [];

        /// <inheritdoc/>
        public override Hint Repeated => this with { ResourceVersion = "", NamespacesVersion = "" };

        /// <inheritdoc/>
        public override string EventType => Deleted ? EventTypes.ObjectDeleted : EventTypes.ObjectChanged;

        /// <inheritdoc/>
        public override string Subject => $"/namespaces/{Object.Namespace}/{Object.Kind}/{Object.Name}";
    }

    /// <summary>A namespace came into being, or its labels or annotations changed.</summary>
    public sealed record NamespaceChanged : Hint
    {
        /// <summary>The namespace.</summary>
        public required string Namespace { get; init; }

        /// <summary>The sources that push anywhere, so that a new namespace does not cost a list of every object.</summary>
        public ImmutableArray<ResourceRef> Sources { get; init; } = [];

        /// <summary>The objects in the namespace that are or ask to be mirrors.</summary>
        public ImmutableArray<ResourceRef> Mirrors { get; init; } = [];

        /// <inheritdoc/>
        public override string EventType => EventTypes.NamespaceChanged;

        /// <inheritdoc/>
        public override string Subject => $"/namespaces/{Namespace}";
    }

    /// <summary>The exporter has seen the whole world: whatever was missed before is found by looking at everything.</summary>
    public sealed record SyncCompleted : Hint
    {
        /// <inheritdoc/>
        public override string EventType => EventTypes.SyncCompleted;

        /// <inheritdoc/>
        public override string Subject => "/";
    }
}
