using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
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
    private readonly record struct Known(ulong Digest, bool Deleting, int List, ulong UnknownUpTo);

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
                namespaces[name] = known with { UnknownUpTo = Math.Max(version, told) };
        }
    }

    /// <summary>Somebody else may have told of objects up to a version, and nobody knows what it knew of the namespaces.</summary>
    public void TakeOver(ulong version)
    {
        told = Math.Max(told, version);
        foreach (var (name, known) in namespaces)
            namespaces[name] = known with { UnknownUpTo = told };
    }

    /// <summary>Takes note of a namespace.</summary>
    /// <returns>Whether anything is different that matters.</returns>
    public bool Put(Snapshot ns)
    {
        var version = ResourceVersions.Number(ns.ResourceVersion) ?? 0;
        newest = Math.Max(newest, version);
        var isKnown = namespaces.TryGetValue(ns.Name, out var before);
        var now = before with { Digest = Digest(ns), Deleting = ns.Deleting, List = list };
        var isSame = isKnown && before.Digest == now.Digest && before.Deleting == now.Deleting;
        namespaces[ns.Name] = isSame || !isKnown ? now : now with { UnknownUpTo = Math.Max(version, told) };
        return !isSame;
    }

    public void Remove(Snapshot ns)
    {
        newest = Math.Max(newest, ResourceVersions.Number(ns.ResourceVersion) ?? 0);
        namespaces.Remove(ns.Name);
    }

    /// <summary>Whether the namespace is known to be going: nothing can be created there any more.</summary>
    public bool IsDeleting(string name) => namespaces.TryGetValue(name, out var known) && known.Deleting;

    /// <summary>An object is told of.</summary>
    /// <returns>The newest version of a namespace so far. The version of a list is not one: the API server's cache need not ever show it.</returns>
    public string Vouch(string objectVersion)
    {
        told = Math.Max(told, ResourceVersions.Number(objectVersion) ?? 0);
        return newest == 0 ? "" : newest.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Whether somebody who acted on a version of an object may have known the namespace as it was before its last change. Its creation is no change.
    /// Where the version is no number, it may have been.
    /// </summary>
    public bool MayHaveBeenUnknown(string name, string version) =>
        namespaces.TryGetValue(name, out var known) && known.UnknownUpTo >= (ResourceVersions.Number(version) ?? 0) && known.UnknownUpTo > 0;

    private static ulong Digest(Snapshot ns)
    {
        var text = new StringBuilder(ns.Uid);
        foreach (var (key, value) in ns.Labels.OrderBy(l => l.Key, StringComparer.Ordinal))
            text.Append('\n').Append(key).Append('\0').Append(value);
        text.Append('\n');
        foreach (var (key, value) in ns.Annotations.Where(a => Vocabulary.Contains(a.Key)).OrderBy(a => a.Key, StringComparer.Ordinal))
            text.Append('\n').Append(key).Append('\0').Append(value);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
