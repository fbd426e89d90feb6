using System.Diagnostics.CodeAnalysis;

namespace Heliograph.Functions.Telling;

/// <summary>A dictionary of bounded size that forgets what was not used for the longest time.</summary>
internal sealed class Recent<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<KeyValuePair<TKey, TValue>>> nodes = [];
    private readonly LinkedList<KeyValuePair<TKey, TValue>> byUse = new();

    public int Count => nodes.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        value = default;
        if (!nodes.TryGetValue(key, out var node))
            return false;
        byUse.Remove(node);
        byUse.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        Forget(key);
        if (nodes.Count == capacity)
            Forget(byUse.Last!.Value.Key);
        nodes[key] = byUse.AddFirst(new KeyValuePair<TKey, TValue>(key, value));
    }

    public void Forget(TKey key)
    {
        if (nodes.Remove(key, out var node))
            byUse.Remove(node);
    }
}
