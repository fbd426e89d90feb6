using System.Text.Json.Nodes;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Scenarios.Tests;

/// <summary>A cluster in which scenarios are played. Every stage has the same namespaces at the beginning of every scenario.</summary>
internal abstract class Stage
{
    /// <summary>The namespaces that a cluster has by itself, the one of this installation, and five of tenants.</summary>
    public static readonly string[] Namespaces = ["default", "heliograph", "kube-node-lease", "kube-public", "kube-system", "origin", "other", "team-a", "team-b", "team-c"];

    /// <summary>The door through which the engine works.</summary>
    public abstract ICluster Door { get; }

    /// <summary>Creates an object, or merges the manifest into the one that stands there; as a user.</summary>
    protected abstract Task PutAsync(Kind kind, string ns, string name, JsonObject manifest);

    protected abstract Task DeleteAsync(Kind kind, string ns, string name);

    /// <summary>An object as the API server shows it; null where there is none.</summary>
    protected abstract Task<JsonObject?> ReadAsync(Kind kind, string ns, string name);

    /// <summary>Carries out documents in order: a manifest is put; <c>delete: Kind/namespace/name</c> deletes.</summary>
    public async Task PerformAsync(IEnumerable<JsonObject> documents)
    {
        foreach (var document in documents)
        {
            if (document["delete"]?.GetValue<string>() is { } deleted)
            {
                var (kind, ns, name) = Parse(deleted);
                await DeleteAsync(kind, ns, name);
                continue;
            }
            var metadata = document["metadata"]!;
            await PutAsync(
                KindOf(document["kind"]!.GetValue<string>()), metadata["namespace"]?.GetValue<string>() ?? "", metadata["name"]!.GetValue<string>(),
                document.DeepClone().AsObject());
        }
    }

    /// <summary>What of the expectations does not hold: a manifest must be contained in the object, null meaning absent; <c>absent: Kind/namespace/name</c>.</summary>
    public async Task<IReadOnlyList<string>> ViolationsAsync(IEnumerable<JsonObject> documents)
    {
        var violations = new List<string>();
        foreach (var document in documents)
        {
            if (document["absent"]?.GetValue<string>() is { } absent)
            {
                var (absentKind, absentNs, absentName) = Parse(absent);
                if (await ReadAsync(absentKind, absentNs, absentName) is not null)
                    violations.Add($"{absent} stands");
                continue;
            }
            var kind = KindOf(document["kind"]!.GetValue<string>());
            var ns = document["metadata"]!["namespace"]?.GetValue<string>() ?? "";
            var name = document["metadata"]!["name"]!.GetValue<string>();
            if (await ReadAsync(kind, ns, name) is { } stands)
                violations.AddRange(Missing(document, stands, $"{kind}/{ns}/{name}"));
            else
                violations.Add($"{kind}/{ns}/{name} is missing");
        }
        return violations;
    }

    private static IEnumerable<string> Missing(JsonObject expected, JsonObject stands, string path)
    {
        foreach (var (key, value) in expected)
        {
            var found = stands[key];
            if (value is null && found is not null)
                yield return $"{path}.{key} stands and should not";
            else if (value is JsonObject inner)
            {
                foreach (var violation in Missing(inner, found as JsonObject ?? [], $"{path}.{key}"))
                    yield return violation;
            }
            else if (value is not null && !JsonNode.DeepEquals(value, found))
                yield return $"{path}.{key} is {found?.ToJsonString() ?? "missing"} instead of {value.ToJsonString()}";
        }
    }

    private static Kind KindOf(string name) => ServedKinds.All.Concat(Kinds.Inheritance).Append(Kinds.Namespace).Single(kind => kind.Name == name);

    private static (Kind Kind, string Namespace, string Name) Parse(string text) => text.Split('/') switch
    {
        [var kind, var name] => (KindOf(kind), "", name),
        [var kind, var ns, var name] => (KindOf(kind), ns, name),
        _ => throw new FormatException($"\"{text}\" does not name an object"),
    };
}
