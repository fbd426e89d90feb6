using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Model;

namespace Heliograph.Chain.Tests.World;

/// <summary>
/// Which parents users have given to namespaces, what they have put there, and how the cluster differs from what follows from that. It knows nothing of how
/// copies are made, and walks from parent to parent by name.
/// </summary>
internal sealed class TreesWorld(UserApi user)
{
    private static readonly Kind[] Inherited = [Kinds.Secret, Kinds.ConfigMap, Kinds.Role];

    private readonly SortedDictionary<string, string?> parents = new(StringComparer.Ordinal);
    private readonly HashSet<string> anchored = [];
    private readonly HashSet<string> cascading = [];
    private readonly Dictionary<ResourceRef, string> sources = [];

    /// <summary>Makes namespaces that accept every child.</summary>
    public async Task AddAsync(params IEnumerable<string> names)
    {
        var all = names.ToArray();
        await Parallel.ForEachAsync(all, TestContext.Current.CancellationToken, async (name, _) => await user.ApplyAsync(Kinds.Namespace, "", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = new JsonObject { [Vocabulary.Heliograph.AcceptChildren] = "*" } },
        }));
        foreach (var name in all)
            parents[name] = null;
    }

    /// <summary>Makes namespaces, each the child of another.</summary>
    public async Task AddChildrenAsync(params IReadOnlyCollection<(string Child, string Parent)> children)
    {
        await AddAsync(children.Select(one => one.Child));
        await Parallel.ForEachAsync(children, TestContext.Current.CancellationToken, async (one, _) => await ConfigureAsync(one.Child, one.Parent));
        foreach (var (child, parent) in children)
            parents[child] = parent;
    }

    public async Task SetParentAsync(string child, string? parent)
    {
        await ConfigureAsync(child, parent);
        parents[child] = parent;
    }

    public async Task AllowCascadingAsync(string ns)
    {
        cascading.Add(ns);
        await ConfigureAsync(ns, parents[ns]);
    }

    public async Task AnchorAsync(string parent, string child)
    {
        await user.ApplyAsync(Kinds.SubnamespaceAnchor, parent, new JsonObject { ["metadata"] = new JsonObject { ["name"] = child } });
        parents[child] = parent;
        anchored.Add(child);
    }

    /// <summary>A subnamespace and all below it shall be gone.</summary>
    public void ForgetAll(string subnamespace)
    {
        foreach (var gone in parents.Keys.Where(ns => ns == subnamespace || Ancestors(ns).Contains(subnamespace)).ToList())
        {
            parents.Remove(gone);
            anchored.Remove(gone);
        }
    }

    public async Task PutAsync(ResourceRef source, int content)
    {
        var kind = KindOf(source);
        sources[source] = await user.ApplyAsync(kind, source.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = source.Name },
            [FieldOf(kind)] = kind == Kinds.Role
                ? new JsonArray(new JsonObject { ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("pods"), ["resourceNames"] = new JsonArray($"p{content}"), ["verbs"] = new JsonArray("get") })
                : new JsonObject { ["v"] = Encode(kind, $"{Canary.Text}{content}") },
        });
    }

    public async Task RemoveAsync(ResourceRef source)
    {
        await user.DeleteAsync(KindOf(source), source.Namespace, source.Name);
        sources.Remove(source);
    }

    /// <summary>Everything that is missing, wrong, or should not be. Names only, never what is in objects.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        var objects = new Dictionary<ResourceRef, JsonNode>();
        foreach (var kind in Inherited)
        {
            foreach (var item in await user.ListAsync(kind))
                objects.Add(new ResourceRef(kind.Name, (string)item["metadata"]!["namespace"]!, (string)item["metadata"]!["name"]!), item);
        }
        var namespaces = await user.ListAsync(Kinds.Namespace);
        var conditions = parents.Values.Any(parent => parent is not null) ? await ConditionsAsync() : [];
        return [.. Copies(objects), .. Untouched(objects), .. namespaces.SelectMany(Place), .. parents.Keys.Except(namespaces.Select(Name)).Select(ns => $"namespace {ns} is missing"), .. conditions];
    }

    private IEnumerable<string> Copies(IReadOnlyDictionary<ResourceRef, JsonNode> objects)
    {
        var wanted = (
            from source in sources.Keys
            from ns in parents.Keys
            let distance = Ancestors(ns).ToList().IndexOf(source.Namespace)
            where distance >= 0
            group (source, distance) by source with { Namespace = ns } into place
            where !sources.ContainsKey(place.Key)
            select (Place: place.Key, Source: place.MaxBy(one => one.distance).source)).ToDictionary(one => one.Place, one => one.Source);
        foreach (var (place, source) in wanted)
        {
            if (objects.GetValueOrDefault(place) is not { } found)
                yield return $"{place} is missing, a copy of {source}";
            else if (FromOf(found) != source.Namespace)
                yield return $"{place} is of {FromOf(found) ?? "nobody"} instead of {source.Namespace}";
            else if (found[FieldOf(KindOf(place))]?.ToJsonString() != objects.GetValueOrDefault(source)?[FieldOf(KindOf(place))]?.ToJsonString())
                yield return $"{place} does not hold what {source} holds";
        }
        foreach (var (place, found) in objects)
        {
            if (FromOf(found) is { } origin && !wanted.ContainsKey(place))
                yield return $"{place} should not be there, a copy of {origin}'s";
        }
    }

    private IEnumerable<string> Untouched(IReadOnlyDictionary<ResourceRef, JsonNode> objects) => sources
        .Where(source => (string?)objects.GetValueOrDefault(source.Key)?["metadata"]!["resourceVersion"] != source.Value).Select(source => $"the source {source.Key} was touched");

    private IEnumerable<string> Place(JsonNode ns)
    {
        var (name, metadata) = (Name(ns), ns["metadata"]!);
        if (metadata["deletionTimestamp"] is not null)
            yield return $"namespace {name} is still going";
        else if (metadata["annotations"]?[Vocabulary.Hnc.SubnamespaceOf] is { } owner && !parents.ContainsKey(name))
            yield return $"namespace {name} should be gone, a subnamespace of {owner}";
        if (!parents.ContainsKey(name))
            yield break;
        var wanted = Ancestors(name).Prepend(name).Select((ancestor, depth) => $"{Vocabulary.Hnc.DepthLabel(ancestor)}={depth}").Order(StringComparer.Ordinal);
        var found = (metadata["labels"]?.AsObject() ?? []).Where(label => label.Key.EndsWith(Vocabulary.Hnc.TreeDepthSuffix, StringComparison.Ordinal)).Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal);
        if (!wanted.SequenceEqual(found))
            yield return $"namespace {name} bears {string.Join(' ', found)}";
    }

    private async Task<IEnumerable<string>> ConditionsAsync()
    {
        var halted = (await user.ListAsync(Kinds.HierarchyConfiguration)).Where(one => one["status"]?["conditions"]?.AsArray() is [_, ..])
            .Select(one => $"{one["metadata"]!["namespace"]} has a condition: {one["status"]!["conditions"]![0]!["message"]}");
        var anchors = (await user.ListAsync(Kinds.SubnamespaceAnchor)).Where(one => anchored.Contains(Name(one)) && (string?)one["status"]?["status"] != "Ok").Select(one => $"anchor {Name(one)} is not Ok");
        return [.. halted, .. anchors];
    }

    private IEnumerable<string> Ancestors(string ns)
    {
        for (var at = parents.GetValueOrDefault(ns); at is not null; at = parents.GetValueOrDefault(at))
            yield return at;
    }

    private Task<string> ConfigureAsync(string ns, string? parent)
    {
        var spec = new JsonObject { ["allowCascadingDeletion"] = cascading.Contains(ns) };
        if (parent is not null)
            spec["parent"] = parent;
        return user.ApplyAsync(Kinds.HierarchyConfiguration, ns, new JsonObject { ["metadata"] = new JsonObject { ["name"] = Vocabulary.Hnc.Hierarchy }, ["spec"] = spec });
    }

    private static string Name(JsonNode read) => (string)read["metadata"]!["name"]!;

    private static string? FromOf(JsonNode read) => (string?)read["metadata"]!["labels"]?[Vocabulary.Hnc.InheritedFrom];

    private static string FieldOf(Kind kind) => kind == Kinds.Role ? "rules" : "data";

    private static string Encode(Kind kind, string text) => kind == Kinds.Secret ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : text;

    private static Kind KindOf(ResourceRef reference) => Array.Find(Inherited, kind => kind.Name == reference.Kind)!;
}
