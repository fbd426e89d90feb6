using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// What the exporter knows of the cluster: sources, mirrors and namespaces, and of each only what decides whether a change matters and what it is
/// connected with. Objects that say nothing to us are not kept. Not safe for concurrent use.
/// </summary>
public sealed partial class Catalogue
{
    private readonly HashSet<CatalogueEntry> entries = new(CatalogueEntry.ByReference);
    private readonly HashSet<CatalogueEntry>.AlternateLookup<ResourceRef> byReference;
    private readonly Dictionary<ResourceRef, NamedSource> named = [];
    private readonly Dictionary<string, int> lists = new(StringComparer.Ordinal);
    private readonly PushingSources pushing = new();
    private readonly NamespaceCatalogue namespaces = new();
    private readonly NamePool names = new();

    /// <summary>Knows nothing yet.</summary>
    /// <param name="inheriting">The kinds that namespaces may inherit, which are those that are served; the default where inheritance is off.</param>
    public Catalogue(ImmutableArray<Kind> inheriting = default)
    {
        byReference = entries.GetAlternateLookup<ResourceRef>();
        tree = inheriting.IsDefault ? null : new TreeCatalogue(inheriting);
    }

    /// <summary>How many objects are kept.</summary>
    public int Objects => entries.Count;

    /// <summary>How many namespaces are known.</summary>
    public int Namespaces => namespaces.Count;

    /// <summary>How many sources are named by mirrors.</summary>
    public int NamedSources => named.Count;

    /// <summary>How many distinct names of namespaces and objects are held.</summary>
    public int Names => names.Count;

    /// <summary>A list of a kind begins; what an earlier list of it showed and did not complete no longer counts.</summary>
    public void BeginList(Kind kind)
    {
        if (!IsNamespace(kind))
        {
            lists[kind.Name] = lists.GetValueOrDefault(kind.Name) + 1;
            return;
        }
        namespaces.BeginList();
        tree?.BeginList();
    }

    /// <summary>Takes note of an object in a list. Nobody is told: the sweep that follows a list looks at everything.</summary>
    public void List(Snapshot snapshot)
    {
        if (IsNamespace(snapshot.Kind))
        {
            namespaces.Put(snapshot);
            tree?.List(snapshot);
            return;
        }
        if (IsOfTree(snapshot))
        {
            SeeOfTree(snapshot);
            return;
        }
        Returned(snapshot.Ref);
        var role = ObjectRole.Of(snapshot, tree is not null);
        if (role.Speaks)
            Put(snapshot, role, EchoMemory.Listed(Remembered(snapshot), snapshot, role));
        else
            Remove(snapshot.Ref);
    }

    /// <summary>A list of a kind is complete: objects that were known and were not in it are gone.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="version">The list's version, in place of the unknown one of the deletion.</param>
    /// <returns>What is to be told of the objects that are gone.</returns>
    public ImmutableArray<Notice> CloseList(Kind kind, string version)
    {
        if (IsNamespace(kind))
        {
            namespaces.CloseList(ResourceVersions.Number(version) ?? 0);
            tree?.CloseList();
            return [];
        }
        var list = lists.GetValueOrDefault(kind.Name);
        var gone = entries.Where(e => e.Ref.Kind == kind.Name && e.List != list).ToList();
        var notices = ImmutableArray.CreateBuilder<Notice>();
        foreach (var entry in gone)
        {
            // The version of a list is of no change of this kind: the cache of the API server may wait for it in vain.
            if (Gone(entry.Ref, entry.Uid.ToString(), version, [], isHandedDown: false) is Verdict.Tell tell)
                notices.Add(tell.Notice with { Hint = tell.Notice.Hint.Repeated });
        }
        return notices.DrainToImmutable();
    }

    /// <summary>Goes on where another exporter has told of objects until now.</summary>
    /// <param name="version">A version that is newer than all that it can have told of.</param>
    public void TakeOver(string version) => namespaces.TakeOver(ResourceVersions.Number(version) ?? ulong.MaxValue);

    /// <summary>An object or a namespace is new, or has changed.</summary>
    public Verdict Changed(Snapshot snapshot)
    {
        if (IsNamespace(snapshot.Kind))
            return NamespaceChanged(snapshot);
        if (IsOfTree(snapshot))
            return TreeChanged(snapshot, deleted: false);
        Returned(snapshot.Ref);
        var role = ObjectRole.Of(snapshot, tree is not null);
        var reference = snapshot.Ref;
        var before = Find(reference);
        var wanting = pushing.Wanting(reference);
        var isSource = role.IsSource || before is { IsSource: true } || named.ContainsKey(reference) || tree?.MayHandDown(snapshot) == true;
        if (!role.Speaks && before is null && wanting.IsEmpty && !isSource)
            return Verdict.Irrelevant;

        var concerned = Claims(before).Concat(role.Claims).Concat(wanting).InOrder();
        // What names no source may stand in the way of an inherited copy, and give its consent.
        if (role.IsMirror && concerned.IsEmpty)
            concerned = Heirs(reference);
        var (isEcho, memory) = EchoMemory.Judge(Remembered(snapshot), snapshot, role);
        if (isEcho && (before is null ? IsOvertaken(reference, role) : IsContested(before, role, wanting)))
            isEcho = false;
        if (role.Speaks)
            Put(snapshot, role, memory);
        else
            Remove(reference);
        if (!isSource && isEcho)
            return Verdict.Echo;
        if (!isSource && namespaces.IsDeleting(reference.Namespace))
            return Verdict.Irrelevant;
        // Our own write to a mirror that others copy from is news to them, though not to the mirror itself.
        return Tell(snapshot.Ref, snapshot.Uid, snapshot.ResourceVersion, isSource, isEcho ? [] : concerned, deleted: false);
    }

    /// <summary>An object or a namespace is gone.</summary>
    public Verdict Deleted(Snapshot snapshot)
    {
        if (IsOfTree(snapshot))
            return TreeChanged(snapshot, deleted: true);
        if (!IsNamespace(snapshot.Kind))
        {
            var claims = ObjectRole.Of(snapshot, tree is not null).Claims;
            return Gone(snapshot.Ref, snapshot.Uid, snapshot.ResourceVersion, claims, tree?.MayHandDown(snapshot) == true);
        }
        // What was in it was deleted one by one, and has been told.
        namespaces.Remove(snapshot);
        if (tree is null)
            return Verdict.Irrelevant;
        tree.Remove(snapshot.Name);
        return new Verdict.Tell(PlaceOf(snapshot, deleted: true));
    }

    private Verdict Gone(ResourceRef reference, string uid, string version, ImmutableArray<ResourceRef> claims, bool isHandedDown)
    {
        var before = Find(reference);
        var wanting = pushing.Wanting(reference);
        var concerned = Claims(before).Concat(claims).Concat(wanting).InOrder();
        var isSource = before is { IsSource: true } || named.ContainsKey(reference) || isHandedDown;
        if (named.TryGetValue(reference, out var source))
            source.IsGone = true;
        // The last copy takes with it what is known of its source.
        var heirs = Heirs(reference);
        Remove(reference);
        // Nobody wants a mirror back whose source is gone, or that lies in a namespace that is going.
        var isMissed = !namespaces.IsDeleting(reference.Namespace) && (!heirs.IsEmpty || concerned.Any(byReference.Contains));
        return isSource || isMissed ? Tell(reference, uid, version, isSource, concerned.Concat(heirs).InOrder(), deleted: true) : Verdict.Irrelevant;
    }

    private Verdict.Tell Tell(ResourceRef reference, string uid, string version, bool isSource, ImmutableArray<ResourceRef> mirrorOf, bool deleted)
    {
        var hint = new Hint.ObjectChanged
        {
            Object = reference,
            Uid = uid,
            ResourceVersion = version,
            NamespacesVersion = namespaces.Vouch(version),
            Deleted = deleted,
            IsSource = isSource,
            MirrorOf = mirrorOf,
            Mirrors = named.TryGetValue(reference, out var source) ? source.Elsewhere : [],
        };
        return new Verdict.Tell(new Notice(hint, uid, version));
    }

    private Verdict NamespaceChanged(Snapshot ns)
    {
        var isOther = namespaces.Put(ns) && !ns.Deleting;
        var place = tree?.Put(ns) == true ? PlaceOf(ns, deleted: false) : null;
        var column = isOther ? ColumnOf(ns.Name, ns.Uid, ns.ResourceVersion) : null;
        return column is not null ? new Verdict.Tell(column) { Also = place }
            : place is not null ? new Verdict.Tell(place)
            : Verdict.Irrelevant;
    }

    private Notice? ColumnOf(string ns, string uid, string version)
    {
        var mirrors = entries.Where(e => e.IsMirror && e.Ref.Namespace == ns).Select(e => e.Ref).InOrder();
        if (pushing.All.IsEmpty && mirrors.IsEmpty && tree?.IsChild(ns) != true)
            return null;
        return new Notice(new Hint.NamespaceChanged { Namespace = ns, Sources = pushing.All, Mirrors = mirrors }, uid, version);
    }

    private void Put(Snapshot snapshot, ObjectRole role, EchoMemory echo)
    {
        if (Find(snapshot.Ref) is not { } entry)
        {
            entry = new CatalogueEntry(new(snapshot.Kind.Name, names.Rent(snapshot.Namespace), names.Rent(snapshot.Name)));
            entries.Add(entry);
        }
        Claim(entry, role.Claims);
        Push(entry, role.PushedName);
        entry.Uid = new CompactUid(snapshot.Uid);
        entry.IsSource = role.IsSource;
        entry.IsMirror = role.IsMirror;
        entry.Echo = echo;
        entry.List = lists.GetValueOrDefault(snapshot.Kind.Name);
    }

    private void Remove(ResourceRef reference)
    {
        if (Find(reference) is not { } entry)
            return;
        entries.Remove(entry);
        Claim(entry, []);
        Push(entry, null);
        names.Return(entry.Ref.Namespace);
        names.Return(entry.Ref.Name);
    }

    private void Claim(CatalogueEntry entry, ImmutableArray<ResourceRef> claims)
    {
        if (claims.SequenceEqual(entry.Claims.Select(source => source.Source)))
            return;
        foreach (var source in entry.Claims)
        {
            source.Remove(entry.Ref);
            if (source.Mirrors == 0)
                named.Remove(source.Source);
        }
        entry.Claims = claims.Length == 1 ? Named(claims[0]).Alone : [.. claims.Select(Named)];
        foreach (var source in entry.Claims)
            source.Add(entry.Ref);
    }

    /// <summary>
    /// Whether a creation of ours rests on what has changed since: then whoever handled that change found nothing to remove yet. That is so where the
    /// namespace is newer than the source as copied and the copy does not tell that it was known, and where the source does not push under this name any more; by its own name, the name it asks
    /// for and what was known here when it changed, nobody finds the mirror that was made late.
    /// </summary>
    private bool IsOvertaken(ResourceRef mirror, ObjectRole role) =>
        namespaces.MayHaveBeenUnknown(mirror.Namespace, role.CopiedVersion!, role.NamespacesVersion)
        || (role.CopyOf is { } source && source.Name != mirror.Name && Find(source)?.PushedName != mirror.Name);

    /// <summary>
    /// Whether a mirror has passed to another source while one that does not bear its name wants it too: whoever decided that cannot have known of it.
    /// </summary>
    private static bool IsContested(CatalogueEntry before, ObjectRole role, ImmutableArray<ResourceRef> wanting) =>
        role.CopyOf is { } source && !Claims(before).Contains(source) && wanting.Any(other => other != source && other.Name != before.Ref.Name);

    private EchoMemory Remembered(Snapshot mirror) =>
        Find(mirror.Ref) is { } entry && entry.Uid == new CompactUid(mirror.Uid) ? entry.Echo : default;

    private CatalogueEntry? Find(ResourceRef reference) => byReference.TryGetValue(reference, out var entry) ? entry : null;

    private NamedSource Named(ResourceRef source)
    {
        if (!named.TryGetValue(source, out var node))
            named.Add(source, node = new NamedSource(source));
        return node;
    }

    private void Push(CatalogueEntry entry, string? mirrorName)
    {
        if (entry.PushedName == mirrorName)
            return;
        if (entry.PushedName is not null)
            pushing.Remove(entry.Ref, entry.PushedName);
        if (mirrorName is not null)
            pushing.Add(entry.Ref, mirrorName);
        entry.PushedName = mirrorName;
    }

    private static IEnumerable<ResourceRef> Claims(CatalogueEntry? entry) => entry is null ? [] : entry.Claims.Select(source => source.Source);

    private static bool IsNamespace(Kind kind) => kind.Name == Kinds.Namespace.Name;
}
