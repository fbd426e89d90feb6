using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Watching;

/// <content>What inheritance adds: the objects that make the tree of namespaces, their places in it, and what is handed down it.</content>
public sealed partial class Catalogue
{
    /// <summary>Null where inheritance is off.</summary>
    private readonly TreeCatalogue? tree;

    /// <summary>
    /// Takes note of how kinds are inherited, as the HNCConfiguration says. Whoever acted before it changed did not know it, so what he makes is told.
    /// </summary>
    /// <param name="modes">How kinds are inherited.</param>
    /// <param name="version">The version of the HNCConfiguration; empty where there is none.</param>
    /// <returns>Whether it is otherwise than was known: then everything is to be looked at.</returns>
    public bool Inherit(PropagationModes modes, string version)
    {
        namespaces.Saw(version);
        if (tree?.Inherit(modes) != true)
            return false;
        namespaces.Changed(version);
        return true;
    }

    /// <summary>
    /// Says that the place of a namespace in the tree may be another one, in the name of its HierarchyConfiguration, which need not exist. No version of that
    /// is known.
    /// </summary>
    private Notice PlaceOf(Snapshot ns, bool deleted)
    {
        var hint = new Hint.ObjectChanged
        {
            Object = new(Kinds.HierarchyConfiguration.Name, ns.Name, Vocabulary.Hnc.Hierarchy),
            NamespacesVersion = namespaces.Vouch(ns.ResourceVersion),
            Deleted = deleted,
        };
        return new Notice(hint, ns.Uid + ".place", ns.ResourceVersion);
    }

    private bool IsOfTree(Snapshot read) => tree is not null && TreeCatalogue.IsMadeOf(read);

    private void SeeOfTree(Snapshot read)
    {
        if (TreeCatalogue.FollowsFrom(read.Kind))
            namespaces.Saw(read.ResourceVersion);
    }

    /// <summary>
    /// Of the objects that make the tree nothing is kept: each change is told. Whether copies in a namespace are paused its HierarchyConfiguration tells, and the
    /// namespace's labels need not change when that ends.
    /// </summary>
    private Verdict.Tell TreeChanged(Snapshot read, bool deleted)
    {
        SeeOfTree(read);
        var reference = read.Kind.Namespaced ? read.Ref : read.Ref with { Namespace = ResourceRef.NoNamespace };
        var told = Tell(reference, read.Uid, read.ResourceVersion, isSource: false, [], deleted);
        return read.Kind.Name == Kinds.HierarchyConfiguration.Name && !namespaces.IsDeleting(read.Namespace)
            ? told with { Also = ColumnOf(read.Namespace, read.Uid + ".column", read.ResourceVersion) }
            : told;
    }

    /// <summary>
    /// The sources that a place may inherit from, if they exist. Those above one that is gone are left out: they had their say before it, so that a thousand
    /// copies can follow their source in silence.
    /// </summary>
    private ImmutableArray<ResourceRef> Heirs(ResourceRef place) =>
        tree is null ? [] : [.. tree.Above(place).TakeWhile(source => !(named.TryGetValue(source, out var known) && known.IsGone))];

    private void Returned(ResourceRef reference)
    {
        if (named.TryGetValue(reference, out var source))
            source.IsGone = false;
    }
}
