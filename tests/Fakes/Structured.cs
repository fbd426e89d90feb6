using System.Collections.Immutable;

namespace Heliograph.Fakes;

/// <summary>What differs between two objects, by path. No path is in two of the sets.</summary>
internal sealed record Difference(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public bool IsNone => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;

    /// <summary>What was set by whoever made the change.</summary>
    public FieldSet Set => Added.Union(Modified);
}

/// <summary>
/// The structured operations on which field ownership rests, with the API server's own notion of what counts as a change: two empty containers are compared
/// as values, and a container that comes or goes is a change of its own beside those of its children.
/// </summary>
internal static class Structured
{
    /// <summary>What differs.</summary>
    public static Difference Compare(Json left, Json right, Structure structure)
    {
        var comparison = new Comparison();
        Walk(left, right, structure, "", comparison.Visit);
        return comparison.Result;
    }

    /// <summary>The left object with all that the right one says; nothing is taken away.</summary>
    public static Json.Map Merge(Json left, Json right, Structure structure) => (Json.Map)(MergeAny(left, right, structure) ?? Json.Empty);

    /// <summary>The paths of every leaf and every item that an object mentions.</summary>
    public static FieldSet Mentioned(Json value, Structure structure)
    {
        var paths = new List<string>();
        Mention(value, structure, "", paths);
        return FieldSet.Of(paths);
    }

    /// <summary>The object without the given items. A container that loses all of them stays behind as null.</summary>
    public static Json.Map Without(Json.Map value, FieldSet items, Structure structure) =>
        Remove(value, items, structure, "") as Json.Map ?? Json.Empty;

    private static void Walk(Json? left, Json? right, Structure structure, string path, Action<string, Json?, Json?, bool> visit)
    {
        if (structure is Structure.Leaf || (IsBare(left) && IsBare(right)))
        {
            visit(path, left, right, true);
            return;
        }
        foreach (var (element, leftChild, rightChild, child) in Zip(left, right, structure))
            Walk(leftChild, rightChild, child, FieldSet.Append(path, element), visit);
        visit(path, left, right, false);
    }

    private static Json? MergeAny(Json? left, Json? right, Structure structure)
    {
        if (structure is Structure.Leaf || (IsBare(left) && IsBare(right)))
            return right ?? left;
        var children = Zip(left, right, structure)
            .Select(child => (child.Element, Value: MergeAny(child.Left, child.Right, child.Structure)))
            .Where(child => child.Value is not null)
            .ToImmutableArray();
        return children.IsEmpty ? null : Container(structure, children.Select(child => (child.Element, child.Value!)));
    }

    private static void Mention(Json? value, Structure structure, string path, List<string> paths)
    {
        if (structure is Structure.Leaf)
        {
            paths.Add(path);
            return;
        }
        foreach (var (element, child, below) in Children(value, structure))
        {
            var deeper = FieldSet.Append(path, element);
            Mention(child, below, deeper, paths);
            if (structure is not Structure.Members)
                paths.Add(deeper);
        }
    }

    private static Json Remove(Json value, FieldSet items, Structure structure, string path)
    {
        if (structure is Structure.Leaf)
            return value;
        var kept = new List<(string, Json)>();
        foreach (var (element, child, below) in Children(value, structure))
        {
            var deeper = FieldSet.Append(path, element);
            if (!items.Contains(deeper))
                kept.Add((element, items.ContainsBelow(deeper) ? Remove(child, items, below, deeper) : child));
        }
        return kept.Count == 0 ? Json.Null : Container(structure, kept);
    }

    private static bool IsBare(Json? value) => value is null or Json.Map { IsEmpty: true } or Json.List { Items.IsEmpty: true } || value.Equals(Json.Null);

    private static IEnumerable<(string Element, Json? Left, Json? Right, Structure Structure)> Zip(Json? left, Json? right, Structure structure)
    {
        var others = Children(right, structure).ToDictionary(child => child.Element, StringComparer.Ordinal);
        foreach (var (element, child, below) in Children(left, structure))
            yield return (element, child, others.Remove(element, out var other) ? other.Value : null, below);
        foreach (var (element, child, below) in Children(right, structure))
        {
            if (others.ContainsKey(element))
                yield return (element, null, child, below);
        }
    }

    private static IEnumerable<(string Element, Json Value, Structure Structure)> Children(Json? value, Structure structure) => (structure, value) switch
    {
        (Structure.Table, Json.Map map) => map.Members.Select(member => ("f:" + member.Key, member.Value, (Structure)Structure.Leaf.One)),
        (Structure.Members members, Json.Map map) => map.Members.Select(member => ("f:" + member.Key, member.Value, Field(members, member.Key))),
        (Structure.Keyed keyed, Json.List list) => list.Items.Select(item => ("k:" + KeyOf(item, keyed.Key), item, keyed.Item)),
        (Structure.Set, Json.List list) => list.Items.Select(item => ("v:" + item, item, (Structure)Structure.Leaf.One)),
        _ => [],
    };

    private static Structure Field(Structure.Members members, string name) =>
        members.Fields.GetValueOrDefault(name) ?? throw new UndeclaredFieldException(name);

    private static string KeyOf(Json item, string key) => Json.Of((key, (item as Json.Map)?[key] ?? Json.Of(""))).ToString();

    private static Json Container(Structure structure, IEnumerable<(string Element, Json Value)> children) => structure is Structure.Keyed or Structure.Set
        ? new Json.List([.. children.Select(child => child.Value)])
        : new Json.Map(children.ToImmutableSortedDictionary(child => child.Element[2..], child => child.Value, StringComparer.Ordinal));

    private sealed class Comparison
    {
        private readonly List<string> added = [], modified = [], removed = [];

        public Difference Result => new(FieldSet.Of(added), FieldSet.Of(modified), FieldSet.Of(removed));

        public void Visit(string path, Json? left, Json? right, bool isLeaf)
        {
            if (left is null)
                added.Add(path);
            else if (right is null)
                removed.Add(path);
            else if (isLeaf && !left.Equals(right))
                modified.Add(path);
        }
    }
}

/// <summary>An object has a field that the schema does not know.</summary>
internal sealed class UndeclaredFieldException(string field) : Exception($"field {field} is not declared in the schema");
