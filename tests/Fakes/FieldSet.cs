using System.Collections.Immutable;

namespace Heliograph.Fakes;

/// <summary>
/// A set of paths into an object, as <c>fieldsV1</c> of <c>metadata.managedFields</c> writes it. A path's elements read <c>f:name</c> for a member,
/// <c>k:{"uid":"…"}</c> for an item of a keyed list and <c>v:"…"</c> for an item of a list that is a set.
/// </summary>
internal sealed class FieldSet
{
    /// <summary>No element of a path holds it: elements are JSON or names, and JSON escapes it.</summary>
    private const char Separator = '\n';

    private readonly ImmutableSortedSet<string> paths;

    private FieldSet(ImmutableSortedSet<string> paths) => this.paths = paths;

    public static FieldSet Empty { get; } = new(ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    public bool IsEmpty => paths.IsEmpty;

    /// <summary>A path of members, for tables in code.</summary>
    public static string Members(params ReadOnlySpan<string> names) => string.Join(Separator, names.ToArray().Select(name => "f:" + name));

    /// <summary>A path one element longer.</summary>
    public static string Append(string path, string element) => path.Length == 0 ? element : path + Separator + element;

    public static FieldSet Of(IEnumerable<string> paths) => new(paths.ToImmutableSortedSet(StringComparer.Ordinal));

    public bool Contains(string path) => paths.Contains(path);

    /// <summary>Whether there are longer paths that begin with this one.</summary>
    public bool ContainsBelow(string path)
    {
        var prefix = path + Separator;
        var index = paths.IndexOf(prefix);
        index = index < 0 ? ~index : index;
        return index < paths.Count && paths[index].StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>
    /// The set with all that a container holds wherever the set has the container but nothing in it.
    /// </summary>
    /// <param name="all">What there is.</param>
    public FieldSet Filled(FieldSet all) => Union(Of(
        from container in paths
        where !ContainsBelow(container)
        let prefix = container + Separator
        from path in all.paths
        where path.StartsWith(prefix, StringComparison.Ordinal)
        select path));

    public FieldSet Union(FieldSet other) => new(paths.Union(other.paths));

    public FieldSet Except(FieldSet other) => new(paths.Except(other.paths));

    public FieldSet Intersect(FieldSet other) => new(paths.Intersect(other.paths));

    public bool SameAs(FieldSet other) => paths.SetEquals(other.paths);

    /// <summary>The paths as they are written in the causes of a conflict: <c>.data.tls.crt</c>.</summary>
    public IEnumerable<string> Dotted => paths.Select(path => string.Concat(path.Split(Separator).Select(element => element[0] switch
    {
        'f' => "." + element[2..],
        'k' => $"[{string.Join(",", ((Json.Map)Json.Parse(element[2..])).Members.Select(key => $"{key.Key}={key.Value}"))}]",
        _ => $"[={element[2..]}]",
    })));

    /// <summary>The set as <c>fieldsV1</c>: a tree in which a dot says that the path ending there is itself in the set.</summary>
    public Json.Map ToFieldsV1()
    {
        var root = new Tree();
        foreach (var path in paths)
        {
            var tree = root;
            foreach (var element in path.Split(Separator))
                tree = tree.Child(element);
            tree.Member = true;
        }
        return root.ToJson();
    }

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    public static FieldSet FromFieldsV1(Json.Map fields)
    {
        var paths = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        Read(fields, "", paths);
        return new FieldSet(paths.ToImmutable());
    }

    private static void Read(Json.Map fields, string path, ImmutableSortedSet<string>.Builder paths)
    {
        foreach (var (element, value) in fields.Members)
        {
            if (element == "." || value is not Json.Map below)
                continue;
            var deeper = Append(path, element);
            if (below.IsEmpty || below["."] is not null)
                paths.Add(deeper);
            Read(below, deeper, paths);
        }
    }

    private sealed class Tree
    {
        private readonly SortedDictionary<string, Tree> children = new(StringComparer.Ordinal);

        public bool Member { get; set; }

        public Tree Child(string element)
        {
            if (!children.TryGetValue(element, out var child))
                children[element] = child = new Tree();
            return child;
        }

        public Json.Map ToJson()
        {
            var members = Json.Empty.Members.ToBuilder();
            if (Member && children.Count > 0)
                members["."] = Json.Empty;
            foreach (var (element, child) in children)
                members[element] = child.ToJson();
            return new Json.Map(members.ToImmutable());
        }
    }
}
