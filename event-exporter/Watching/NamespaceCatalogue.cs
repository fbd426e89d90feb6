using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>What is known of each namespace: a digest of what can decide who gets a mirror, so that all other changes are passed over.</summary>
internal sealed class NamespaceCatalogue
{
    private readonly Dictionary<string, Known> namespaces = new(StringComparer.Ordinal);
    private int list;

    private readonly record struct Known(ulong Digest, bool Deleting, int List, ulong ChangedAt);

    public int Count => namespaces.Count;

    public void BeginList() => list++;

    public void CloseList()
    {
        foreach (var (name, known) in namespaces)
        {
            if (known.List != list)
                namespaces.Remove(name);
        }
    }

    /// <summary>Takes note of a namespace.</summary>
    /// <returns>Whether anything is different that matters.</returns>
    public bool Put(Snapshot ns)
    {
        var isKnown = namespaces.TryGetValue(ns.Name, out var before);
        var now = before with { Digest = Digest(ns), Deleting = ns.Deleting, List = list };
        var isSame = isKnown && before.Digest == now.Digest && before.Deleting == now.Deleting;
        namespaces[ns.Name] = isSame || !isKnown ? now : now with { ChangedAt = ResourceVersions.Number(ns.ResourceVersion) ?? 0 };
        return !isSame;
    }

    public void Remove(string name) => namespaces.Remove(name);

    /// <summary>Whether the namespace is known to be going: nothing can be created there any more.</summary>
    public bool IsDeleting(string name) => namespaces.TryGetValue(name, out var known) && known.Deleting;

    /// <summary>
    /// Whether the namespace changed after a version of some object: whoever decided on that version may have known the namespace as it was before.
    /// Its creation is no change. Where versions are no numbers, none counts.
    /// </summary>
    public bool ChangedAfter(string name, string version) =>
        namespaces.TryGetValue(name, out var known) && known.ChangedAt > (ResourceVersions.Number(version) ?? 0);

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
