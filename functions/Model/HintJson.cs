using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Model;

/// <summary>
/// The <c>data</c> of our CloudEvents as JSON. Readers pass over members they do not know, so that exporter and functions can be updated one
/// after the other.
/// </summary>
public static class HintJson
{
    /// <summary>How many references one hint may carry. Sources and namespaces with more are told in several hints.</summary>
    public const int MaxReferences = 500;

    /// <summary>Writes the data of a hint.</summary>
    public static byte[] Write(Hint hint)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            switch (hint)
            {
                case Hint.ObjectChanged changed:
                    writer.WriteString("object", changed.Object.ToString());
                    writer.WriteString("uid", changed.Uid);
                    if (changed.ResourceVersion.Length > 0)
                        writer.WriteString("resourceVersion", changed.ResourceVersion);
                    if (changed.NamespacesVersion.Length > 0)
                        writer.WriteString("namespacesVersion", changed.NamespacesVersion);
                    writer.WriteBoolean("source", changed.IsSource);
                    WriteReferences(writer, "mirrorOf", changed.MirrorOf);
                    WriteReferences(writer, "mirrors", changed.Mirrors);
                    break;
                case Hint.NamespaceChanged changed:
                    writer.WriteString("namespace", changed.Namespace);
                    WriteReferences(writer, "sources", changed.Sources);
                    WriteReferences(writer, "mirrors", changed.Mirrors);
                    break;
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the data of an event.</summary>
    /// <param name="eventType">The CloudEvents <c>type</c>.</param>
    /// <param name="data">The event's data.</param>
    /// <returns>The hint; null where the type is unknown to this version.</returns>
    /// <exception cref="FormatException">The type is known but the data lacks what it must have. The message names the member.</exception>
    public static Hint? Read(string eventType, JsonElement data) => eventType switch
    {
        EventTypes.ObjectChanged or EventTypes.ObjectDeleted => new Hint.ObjectChanged
        {
            Object = Reference(Member(data, "object")),
            Deleted = eventType == EventTypes.ObjectDeleted,
            Uid = Text(data, "uid") ?? "",
            ResourceVersion = Text(data, "resourceVersion") ?? "",
            NamespacesVersion = Text(data, "namespacesVersion") ?? "",
            IsSource = data.TryGetProperty("source", out var source) && source.ValueKind == JsonValueKind.True,
            MirrorOf = References(data, "mirrorOf"),
            Mirrors = References(data, "mirrors"),
        },
        EventTypes.NamespaceChanged => new Hint.NamespaceChanged
        {
            Namespace = Member(data, "namespace"),
            Sources = References(data, "sources"),
            Mirrors = References(data, "mirrors"),
        },
        EventTypes.SyncCompleted => new Hint.SyncCompleted(),
        _ => null,
    };

    private static void WriteReferences(Utf8JsonWriter writer, string member, ImmutableArray<ResourceRef> references)
    {
        if (references.IsDefaultOrEmpty)
            return;
        writer.WriteStartArray(member);
        foreach (var reference in references)
            writer.WriteStringValue(reference.ToString());
        writer.WriteEndArray();
    }

    private static string? Text(JsonElement data, string member) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string Member(JsonElement data, string member) =>
        Text(data, member) is { Length: > 0 } text ? text : throw new FormatException($"the event's data has no text \"{member}\"");

    private static ResourceRef Reference(string text) =>
        ResourceRef.TryParse(text, out var reference) ? reference : throw new FormatException($"\"{Brief(text)}\" is not of the form Kind/namespace/name");

    /// <summary>An event is input from outside: its text is quoted, but not at any length.</summary>
    private static string Brief(string text) => text.Length <= 100 ? text : text[..100] + "…";

    private static ImmutableArray<ResourceRef> References(JsonElement data, string member)
    {
        if (data.ValueKind != JsonValueKind.Object || !data.TryGetProperty(member, out var list))
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxReferences)
            throw new FormatException($"the event's \"{member}\" is not a list of at most {MaxReferences} references");
        return [.. list.EnumerateArray().Select(item => Reference(item.ValueKind == JsonValueKind.String ? item.GetString()! : ""))];
    }
}
