using System.Runtime.InteropServices;

namespace Heliograph.Watching;

/// <summary>
/// Holds each distinct name once. A thousand mirrors of one source share one string for their name; names nobody uses any more are let go,
/// because clusters make and drop namespaces all day.
/// </summary>
internal sealed class NamePool
{
    private readonly Dictionary<string, (string Name, int Uses)> names = new(StringComparer.Ordinal);

    public int Count => names.Count;

    /// <summary>The one string equal to <paramref name="name"/>. Each call is undone by one <see cref="Return"/>.</summary>
    public string Rent(string name)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(names, name, out var known);
        slot = (known ? slot.Name : name, slot.Uses + 1);
        return slot.Name;
    }

    public void Return(string name)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrNullRef(names, name);
        if (--slot.Uses == 0)
            names.Remove(name);
    }
}
