using System.Globalization;
using System.Text;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// What is known of each namespace: a digest of what can decide who gets a mirror, so that all other changes are passed over; and how much of the
/// namespaces those knew whom we told of an object.
/// </summary>
internal sealed class NamespaceCatalogue
{
    private readonly Dictionary<string, Known> namespaces = new(StringComparer.Ordinal);
    private int list;
    private ulong newest;
    private ulong told;

    // UnknownUpTo: who was told of an object up to this version may not have known the namespace as it is; 0 where nobody can have known it otherwise.
    // ChangedUpTo: it, and what concerns all namespaces, has not changed since this version; who knows the namespaces of then or later knows it as it is.
    private readonly record struct Known(ulong Digest, bool Deleting, int List, ulong UnknownUpTo, ulong ChangedUpTo);

    public int Count => namespaces.Count;

    public void BeginList() => list++;

    /// <summary>
    /// A list is complete. Whoever was told of an object before it, by us while we missed changes or by an exporter before us, may have known any
    /// namespace as it was earlier.
    /// </summary>
    public void CloseList(ulong version)
    {
        foreach (var (name, known) in namespaces)
        {
            if (known.List != list)
                namespaces.Remove(name);
            else
                namespaces[name] = known with { UnknownUpTo = Math.Max(version, told), ChangedUpTo = Math.Max(Bound(version), known.ChangedUpTo) };
        }
    }

    /// <summary>Whoever was told of an object until now did not know what all namespaces have been told since.</summary>
    /// <param name="version">The version of what they have been told; empty where it has none.</param>
    public void Changed(string version) => TakeOver(newest, ResourceVersions.Number(version) ?? ulong.MaxValue);

    /// <summary>Somebody else may have told of objects up to a version, and nobody knows what it knew of the namespaces.</summary>
    public void TakeOver(ulong version) => TakeOver(version, version);

    private void TakeOver(ulong toldUpTo, ulong changedUpTo)
    {
        told = Math.Max(told, toldUpTo);
        foreach (var (name, known) in namespaces)
            namespaces[name] = known with { UnknownUpTo = told, ChangedUpTo = Math.Max(changedUpTo, known.ChangedUpTo) };
    }

    /// <summary>Takes note of a namespace.</summary>
    /// <returns>Whether anything is different that matters.</returns>
    public bool Put(Snapshot ns)
    {
        var version = Saw(ns.ResourceVersion);
        var isKnown = namespaces.TryGetValue(ns.Name, out var before);
        var now = before with { Digest = Digest(ns), Deleting = ns.Deleting, List = list };
        var isSame = isKnown && before.Digest == now.Digest && before.Deleting == now.Deleting;
        namespaces[ns.Name] = isSame || !isKnown ? now : now with { UnknownUpTo = Math.Max(version, told), ChangedUpTo = Math.Max(Bound(version), before.ChangedUpTo) };
        return !isSame;
    }

    public void Remove(Snapshot ns)
    {
        Saw(ns.ResourceVersion);
        namespaces.Remove(ns.Name);
    }

    /// <summary>A namespace, or an object from which the tree of namespaces follows, has been seen at a version.</summary>
    /// <returns>The version as a number; 0 where it is none.</returns>
    public ulong Saw(string version)
    {
        var number = ResourceVersions.Number(version) ?? 0;
        newest = Math.Max(newest, number);
        return number;
    }

    /// <summary>Whether the namespace is known to be going: nothing can be created there any more.</summary>
    public bool IsDeleting(string name) => namespaces.TryGetValue(name, out var known) && known.Deleting;

    /// <summary>An object is told of.</summary>
    /// <returns>The newest version of a namespace, or of what the tree follows from, so far. The version of a list is not one: the API server's cache need not ever show it.</returns>
    public string Vouch(string objectVersion)
    {
        told = Math.Max(told, ResourceVersions.Number(objectVersion) ?? 0);
        return newest == 0 ? "" : newest.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Whether somebody who acted on a version of an object may have known the namespace as it was before its last change. Its creation is no change.
    /// Where the version is no number, it may have been.
    /// </summary>
    /// <param name="name">The namespace.</param>
    /// <param name="version">The version of the object.</param>
    /// <param name="knownVersion">A version of which they knew all namespaces, by their own word; null where they do not say.</param>
    public bool MayHaveBeenUnknown(string name, string version, string? knownVersion = null) =>
        namespaces.TryGetValue(name, out var known) && known.UnknownUpTo > 0 && known.UnknownUpTo >= (ResourceVersions.Number(version) ?? 0)
        && !(knownVersion is not null && ResourceVersions.Number(knownVersion) >= known.ChangedUpTo);

    /// <summary>A version that is no number may be newer than any.</summary>
    private static ulong Bound(ulong version) => version == 0 ? ulong.MaxValue : version;

    private static ulong Digest(Snapshot ns)
    {
        var text = new StringBuilder(ns.Uid);
        foreach (var (key, value) in ns.Labels.OrderBy(l => l.Key, StringComparer.Ordinal))
            text.Append('\n').Append(key).Append('\0').Append(value);
        text.Append('\n');
        foreach (var (key, value) in ns.Annotations.Where(a => Vocabulary.Contains(a.Key)).OrderBy(a => a.Key, StringComparer.Ordinal))
            text.Append('\n').Append(key).Append('\0').Append(value);
        return TextDigest.Of(text.ToString());
    }
}
