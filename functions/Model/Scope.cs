using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>
/// Where to look: a part of the mirror matrix, whose rows are sources and whose columns are namespaces. Every event, resync and dry run
/// comes down to scopes; what is done there depends only on the state of the world.
/// </summary>
public abstract record Scope
{
    private Scope()
    {
    }

    /// <summary>
    /// The version that what is read must show at least, so that an answer of the API server's cache will do; null where only the newest state will.
    /// </summary>
    public string? NotOlderThan { get; init; }

    /// <summary>
    /// The version that namespaces must show at least, by the word of who told of <see cref="NotOlderThan"/>; null where only the newest state will do.
    /// See <see cref="Hint.ObjectChanged.NamespacesVersion"/>.
    /// </summary>
    public string? NamespacesNotOlderThan { get; init; }

    /// <summary>The same place, where only the newest state will do.</summary>
    public Scope Newest => this with { NotOlderThan = null, NamespacesNotOlderThan = null };

    /// <summary>One source against all namespaces.</summary>
    /// <param name="Source">The source, which may be gone by now.</param>
    public sealed record Row(ResourceRef Source) : Scope
    {
        /// <summary>Whether somebody vouches for the namespaces as they were when the source changed, so that they need not be the newest.</summary>
        public bool IsVouched => NotOlderThan is not null && NamespacesNotOlderThan is not null;

        /// <summary>The mirrors that bear another name than the source, where the caller knows them; null: look for them.</summary>
        public ImmutableArray<ResourceRef>? OtherMirrors { get; init; }

        /// <inheritdoc/>
        public override string ToString() => $"row {Source}";
    }

    /// <summary>One source and one place where its mirror is, was or is to be.</summary>
    /// <param name="Source">The source, which may be gone by now.</param>
    /// <param name="Mirror">The place of the mirror.</param>
    public sealed record Cell(ResourceRef Source, ResourceRef Mirror) : Scope
    {
        /// <inheritdoc/>
        public override string ToString() => $"cell {Source} -> {Mirror}";
    }

    /// <summary>One namespace against all sources.</summary>
    /// <param name="Namespace">The namespace's name.</param>
    public sealed record Column(string Namespace) : Scope
    {
        /// <summary>The sources that push anywhere, where the caller knows them; null: look for them.</summary>
        public ImmutableArray<ResourceRef>? Sources { get; init; }

        /// <summary>The objects in the namespace that are or ask to be mirrors, where the caller knows them; null: look for them.</summary>
        public ImmutableArray<ResourceRef>? Mirrors { get; init; }

        /// <inheritdoc/>
        public override string ToString() => $"column {Namespace}";
    }

    /// <summary>
    /// The tree of namespaces, where inheritance is on: not what is inherited down it, but what namespaces and the objects that describe the tree say of it.
    /// </summary>
    public sealed record Hierarchy : Scope
    {
        /// <inheritdoc/>
        public override string ToString() => "hierarchy";
    }

    /// <summary>The whole matrix: a sweep.</summary>
    public sealed record Everything : Scope
    {
        /// <inheritdoc/>
        public override string ToString() => "everything";
    }
}
