using System.Globalization;
using System.Text;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Watching.Tests;

/// <summary>
/// An object as the API server keeps it, with the one rule that echoes rest on: whoever changes a field's value owns it, and nobody else does. It is read
/// back through the JSON that the API server would send, managed fields included.
/// </summary>
internal sealed class ClusterObject(string ns, string name, Kind? kind = null)
{
    /// <summary>A writer who is not us.</summary>
    public const string Somebody = "kubectl-edit";

    private readonly Kind kind = kind ?? Kinds.Secret;
    private Dictionary<string, string> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> owners = new(StringComparer.Ordinal);
    private int version = 100;

    public string Uid { get; set; } = Guid.NewGuid().ToString();

    public bool Deleting { get; set; }

    public ResourceRef Ref => new(kind.Name, ns, name);

    public IReadOnlyDictionary<string, string> Fields => fields;

    /// <summary>Writes the object as a whole, as a PUT does.</summary>
    public ClusterObject Put(string manager, IReadOnlyDictionary<string, string> all)
    {
        foreach (var path in fields.Keys.Where(path => !all.ContainsKey(path)).ToList())
            owners.Remove(path);
        foreach (var (path, value) in all.Where(field => fields.GetValueOrDefault(field.Key) != field.Value))
            owners[path] = manager;
        fields = new Dictionary<string, string>(all, StringComparer.Ordinal);
        version++;
        return this;
    }

    /// <summary>Sets one field, such as <c>data/password</c> or <c>annotations/key</c>; null removes it.</summary>
    public ClusterObject Set(string manager, string path, string? value)
    {
        var all = new Dictionary<string, string>(fields, StringComparer.Ordinal);
        if (value is null)
            all.Remove(path);
        else
            all[path] = value;
        return Put(manager, all);
    }

    public ClusterObject Annotate(string key, string? value, string manager = Somebody) => Set(manager, "annotations/" + key, value);

    /// <summary>Takes the managed fields away, as some tools do.</summary>
    public ClusterObject ClearManagedFields()
    {
        owners.Clear();
        version++;
        return this;
    }

    /// <summary>What a watch or a metadata list says of it.</summary>
    public Snapshot Snapshot() => SnapshotReader.Read(Encoding.UTF8.GetBytes(Json()), kind, withContent: false);

    public string Json()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "PartialObjectMetadata");
            writer.WriteString("apiVersion", "meta.k8s.io/v1");
            writer.WriteStartObject("metadata");
            writer.WriteString("name", name);
            if (ns.Length > 0)
                writer.WriteString("namespace", ns);
            writer.WriteString("uid", Uid);
            writer.WriteString("resourceVersion", version.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("creationTimestamp", "2026-01-02T03:04:05Z");
            if (Deleting)
                writer.WriteString("deletionTimestamp", "2026-01-02T03:04:06Z");
            WriteMap(writer, "labels");
            WriteMap(writer, "annotations");
            WriteManagedFields(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private void WriteMap(Utf8JsonWriter writer, string map)
    {
        var entries = Keys(fields.Keys, map).ToList();
        if (entries.Count == 0)
            return;
        writer.WriteStartObject(map);
        foreach (var key in entries)
            writer.WriteString(key, fields[$"{map}/{key}"]);
        writer.WriteEndObject();
    }

    private void WriteManagedFields(Utf8JsonWriter writer)
    {
        if (owners.Count == 0)
            return;
        writer.WriteStartArray("managedFields");
        foreach (var owned in owners.GroupBy(owner => owner.Value, owner => owner.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("manager", owned.Key);
            writer.WriteString("operation", "Update");
            writer.WriteString("apiVersion", "v1");
            writer.WriteString("time", "2026-01-02T03:04:05Z");
            writer.WriteString("fieldsType", "FieldsV1");
            writer.WriteStartObject("fieldsV1");
            WriteOwned(writer, "data", owned);
            writer.WriteStartObject("f:metadata");
            WriteOwned(writer, "annotations", owned);
            WriteOwned(writer, "labels", owned);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteOwned(Utf8JsonWriter writer, string map, IEnumerable<string> owned)
    {
        var keys = Keys(owned, map).ToList();
        if (keys.Count == 0)
            return;
        writer.WriteStartObject("f:" + map);
        writer.WriteStartObject(".");
        writer.WriteEndObject();
        foreach (var key in keys)
        {
            writer.WriteStartObject("f:" + key);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static IEnumerable<string> Keys(IEnumerable<string> paths, string map) =>
        paths.Where(path => path.StartsWith(map + "/", StringComparison.Ordinal)).Select(path => path[(map.Length + 1)..]).Order(StringComparer.Ordinal);
}
