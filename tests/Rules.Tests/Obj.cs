using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Model;

namespace Heliograph.Rules.Tests;

/// <summary>
/// An object as a test writes it down. It goes to the rules through the real reader. Every field belongs to the field manager <c>kubectl</c> unless
/// <see cref="By"/> says otherwise.
/// </summary>
internal sealed record Obj
{
    public required Kind Kind { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string Uid { get; init; } = "";

    public string Version { get; init; } = "100";

    public DateTimeOffset Created { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public bool Deleting { get; init; }

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = Texts.Empty;

    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = Texts.Empty;

    public ImmutableArray<string> Finalizers { get; init; } = [];

    public string OwnerReferences { get; init; } = "";

    /// <summary>The fields beside metadata, as JSON.</summary>
    public ImmutableSortedDictionary<string, string> Fields { get; init; } = Texts.Empty;

    /// <summary>Who owns everything.</summary>
    public string Manager { get; init; } = "kubectl";

    /// <summary>Who owns single paths instead, or as well where the manager begins with a plus.</summary>
    public ImmutableSortedDictionary<string, string> Owners { get; init; } = Texts.Empty;

    public bool HasManagedFields { get; init; } = true;

    public static Obj Secret(string place, params ReadOnlySpan<string> data) => Of(Kinds.Secret, place).Set("type", "\"Opaque\"").Data("data", data);

    public static Obj ConfigMap(string place, params ReadOnlySpan<string> data) => Of(Kinds.ConfigMap, place).Data("data", data);

    public static Obj Ns(string name, params IEnumerable<(string Key, string Value)> labels) => labels.Aggregate(
        new Obj { Kind = Kinds.Namespace, Namespace = "", Name = name, Uid = $"uid-{name}" }, (ns, label) => ns.Label(label.Key, label.Value));

    public static Obj Of(Kind kind, string place) => place.Split('/') is [var ns, var name]
        ? new Obj { Kind = kind, Namespace = ns, Name = name, Uid = $"uid-{ns}-{name}" }
        : throw new ArgumentException(place);

    /// <summary>Sets keys, written <c>key=value</c>.</summary>
    public Obj Data(string field, params ReadOnlySpan<string> data)
    {
        var map = Fields.TryGetValue(field, out var there) ? JsonNode.Parse(there)!.AsObject() : [];
        foreach (var pair in data)
            map[pair[..pair.IndexOf('=', StringComparison.Ordinal)]] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return map.Count == 0 ? this : Set(field, map.ToJsonString());
    }

    public Obj Set(string field, string json) => this with { Fields = Fields.SetItem(field, json) };

    public Obj Annotate(string key, string? value) => this with { Annotations = value is null ? Annotations.Remove(key) : Annotations.SetItem(key, value) };

    public Obj Annotate(params ReadOnlySpan<(string Key, string? Value)> annotations)
    {
        var all = this;
        foreach (var (key, value) in annotations)
            all = all.Annotate(key, value);
        return all;
    }

    public Obj Label(string key, string? value) => this with { Labels = value is null ? Labels.Remove(key) : Labels.SetItem(key, value) };

    public Obj By(string manager) => this with { Manager = manager };

    public Obj Owned(string path, string manager) => this with { Owners = Owners.SetItem(path, manager) };

    public static implicit operator Snapshot(Obj obj) => obj.Read(withContent: true);

    public Snapshot Metadata => Read(withContent: false);

    public override string ToString() => Json();

    private Snapshot Read(bool withContent) => SnapshotReader.Read(Encoding.UTF8.GetBytes(Json()), Kind, withContent);

    private string Json()
    {
        var metadata = new JsonObject
        {
            ["name"] = Name,
            ["namespace"] = Namespace,
            ["uid"] = Uid,
            ["resourceVersion"] = Version,
            ["creationTimestamp"] = Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["labels"] = Map(Labels),
            ["annotations"] = Map(Annotations),
        };
        if (Deleting)
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        if (!Finalizers.IsEmpty)
            metadata["finalizers"] = new JsonArray([.. Finalizers.Select(f => JsonValue.Create(f))]);
        if (OwnerReferences.Length > 0)
            metadata["ownerReferences"] = JsonNode.Parse(OwnerReferences);
        if (HasManagedFields)
            metadata["managedFields"] = Managed();
        var root = new JsonObject { ["apiVersion"] = Kind.ApiVersion, ["kind"] = Kind.Name, ["metadata"] = metadata };
        foreach (var (name, json) in Fields)
            root[name] = JsonNode.Parse(json);
        return root.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private JsonArray Managed()
    {
        var byManager = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (parts, path) in Leaves())
        {
            var owner = Owners.GetValueOrDefault(path, Manager);
            foreach (var manager in owner.StartsWith('+') ? [Manager, owner[1..]] : new[] { owner })
            {
                if (!byManager.TryGetValue(manager, out var fields))
                    byManager[manager] = fields = [];
                foreach (var part in parts)
                    fields = (fields[part] ??= new JsonObject()).AsObject();
            }
        }
        return new JsonArray([.. byManager.Select(pair => new JsonObject
        {
            ["fieldsV1"] = pair.Value.DeepClone(), ["manager"] = pair.Key, ["operation"] = "Update",
        })]);
    }

    private IEnumerable<(string[] Parts, string Path)> Leaves()
    {
        foreach (var key in Labels.Keys)
            yield return (["f:metadata", "f:labels", "f:" + key], "labels/" + key);
        foreach (var key in Annotations.Keys)
            yield return (["f:metadata", "f:annotations", "f:" + key], "annotations/" + key);
        foreach (var owner in OwnerReferences.Length > 0 ? JsonNode.Parse(OwnerReferences)!.AsArray() : [])
        {
            var uid = (string)owner!["uid"]!;
            yield return (["f:metadata", "f:ownerReferences", $"k:{{\"uid\":\"{uid}\"}}"], "ownerReferences/" + uid);
        }
        foreach (var (field, json) in Fields)
        {
            if (JsonNode.Parse(json) is JsonObject map && Kind.Copied.Any(copied => copied.Name == field && copied.Shape == FieldShape.Map))
            {
                foreach (var (key, _) in map)
                    yield return (["f:" + field, "f:" + key], $"{field}/{key}");
            }
            else
            {
                yield return (["f:" + field], field);
            }
        }
    }

    private static JsonObject Map(ImmutableSortedDictionary<string, string> texts) => new([.. texts.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))]);

    private static class Texts
    {
        public static ImmutableSortedDictionary<string, string> Empty { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
    }
}
