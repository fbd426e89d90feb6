using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>The body of a creation or of a merge patch that rests on what was read, written under the tree's field manager.</summary>
internal static class ObjectPatch
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A patch of an object that was read.</summary>
    /// <param name="read">The object.</param>
    /// <param name="metadata">Writes members of <c>metadata</c>.</param>
    /// <param name="rest">Writes members beside <c>metadata</c>; null for none.</param>
    public static Write Patch(Snapshot read, Action<Utf8JsonWriter> metadata, Action<Utf8JsonWriter>? rest = null) => ToWrite(WriteVerb.Patch, read.Kind, read.Ref, json =>
    {
        json.WriteStartObject("metadata");
        json.WriteString("uid", read.Uid);
        json.WriteString("resourceVersion", read.ResourceVersion);
        metadata(json);
        json.WriteEndObject();
        rest?.Invoke(json);
    });

    /// <summary>A creation.</summary>
    public static Write Create(Kind kind, string ns, string name, Action<Utf8JsonWriter> metadata, Action<Utf8JsonWriter>? rest = null) => ToWrite(
        WriteVerb.Create, kind, new ResourceRef(kind.Name, ns, name), json =>
        {
            json.WriteString("apiVersion", kind.ApiVersion);
            json.WriteString("kind", kind.Name);
            json.WriteStartObject("metadata");
            json.WriteString("name", name);
            if (kind.Namespaced)
                json.WriteString("namespace", ns);
            metadata(json);
            json.WriteEndObject();
            rest?.Invoke(json);
        });

    /// <summary>What has to change so that one mapping becomes another; in a patch, null takes a key away.</summary>
    /// <returns>Whether anything was written.</returns>
    public static bool WriteDifference(this Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> is_, ImmutableSortedDictionary<string, string> shall)
    {
        var differs = Differ(is_, shall);
        if (!differs)
            return false;
        json.WriteStartObject(name);
        foreach (var key in is_.Keys.Where(key => !shall.ContainsKey(key)).Order(StringComparer.Ordinal))
            json.WriteNull(key);
        foreach (var (key, value) in shall)
        {
            if (is_.GetValueOrDefault(key) != value)
                json.WriteString(key, value);
        }
        json.WriteEndObject();
        return true;
    }

    public static bool Differ(IReadOnlyDictionary<string, string> is_, ImmutableSortedDictionary<string, string> shall) =>
        is_.Count != shall.Count || shall.Any(pair => is_.GetValueOrDefault(pair.Key) != pair.Value);

    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static Write ToWrite(WriteVerb verb, Kind kind, ResourceRef target, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return new Write(verb, kind, target.Namespace, target.Name, buffer.WrittenMemory) { Manager = Vocabulary.TreeFieldManager };
    }
}
