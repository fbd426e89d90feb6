using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Heliograph.Model;

/// <summary>
/// Reads objects from the API server's JSON, one pass, keeping only what <see cref="Snapshot"/> holds. The reader must stand on the object's
/// opening brace; afterwards it stands on the closing one.
/// </summary>
public static class SnapshotReader
{
    /// <summary>Reads one object from a complete JSON text.</summary>
    /// <exception cref="JsonException">The text is not an object of the Kubernetes form. The message holds no value of the text.</exception>
    public static Snapshot Read(ReadOnlySpan<byte> json, Kind kind, bool withContent)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
        }
        catch (JsonException e) when (e.BytePositionInLine is not null)
        {
            throw Unreadable(kind, e.BytePositionInLine);
        }
        return Read(ref reader, kind, withContent);
    }

    /// <summary>Reads one object.</summary>
    /// <param name="reader">Stands on the object's opening brace.</param>
    /// <param name="kind">The row of the kinds table the object is of.</param>
    /// <param name="withContent">Whether to keep the copied and frozen fields.</param>
    /// <exception cref="JsonException">The object is not of the Kubernetes form. The message holds no value of the text.</exception>
    public static Snapshot Read(ref Utf8JsonReader reader, Kind kind, bool withContent)
    {
        try
        {
            return ReadObject(ref reader, kind, withContent);
        }
        // The reader's own exceptions quote the text, which may be a secret.
        catch (JsonException e) when (e.BytePositionInLine is not null)
        {
            throw Unreadable(kind, e.BytePositionInLine);
        }
        catch (InvalidOperationException)
        {
            throw Unreadable(kind, reader.TokenStartIndex);
        }
    }

    private static JsonException Unreadable(Kind kind, long? position) => new($"not readable as a {kind.Name}: malformed JSON at byte {position}");

    private static Snapshot ReadObject(ref Utf8JsonReader reader, Kind kind, bool withContent)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        Snapshot? snapshot = null;
        var fields = withContent ? ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal) : null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                snapshot = ReadMetadata(ref reader, kind);
            }
            else if (fields is not null && ContentField(ref reader, kind) is { } field)
            {
                reader.Read();
                var value = JsonElement.ParseValue(ref reader);
                if (!IsAbsent(value))
                    fields[field] = value;
            }
            else
            {
                reader.Skip();
            }
        }
        if (snapshot is null)
            throw new JsonException($"a {kind.Name} without metadata");
        return fields is null ? snapshot : snapshot with { Content = new Content(fields.ToImmutable()) };
    }

    /// <summary>The API server writes an absent list as null, as an empty one, or not at all, depending on the kind.</summary>
    private static bool IsAbsent(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    private static string? ContentField(ref Utf8JsonReader reader, Kind kind)
    {
        foreach (var field in kind.ContentFields)
        {
            if (reader.ValueTextEquals(field))
                return field;
        }
        return null;
    }

    private static Snapshot ReadMetadata(ref Utf8JsonReader reader, Kind kind)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        string name = "", ns = "", uid = "", version = "";
        DateTimeOffset created = default;
        var deleting = false;
        IReadOnlyDictionary<string, string> labels = FrozenDictionary<string, string>.Empty, annotations = labels;
        ImmutableArray<string> finalizers = [];
        JsonElement owners = default;
        var ownership = FieldOwnership.Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) ns = Text(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) uid = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) version = Text(ref reader);
            else if (reader.ValueTextEquals("creationTimestamp"u8)) created = Time(ref reader);
            else if (reader.ValueTextEquals("deletionTimestamp"u8)) deleting = Text(ref reader).Length > 0;
            else if (reader.ValueTextEquals("labels"u8)) labels = TextMap(ref reader);
            else if (reader.ValueTextEquals("annotations"u8)) annotations = TextMap(ref reader);
            else if (reader.ValueTextEquals("finalizers"u8)) finalizers = TextList(ref reader);
            else if (reader.ValueTextEquals("ownerReferences"u8)) owners = Element(ref reader);
            else if (reader.ValueTextEquals("managedFields"u8)) ownership = FieldOwnershipReader.Read(ref reader, kind);
            else reader.Skip();
        }
        if (name.Length == 0)
            throw new JsonException($"a {kind.Name} without a name");
        return new Snapshot
        {
            Kind = kind,
            Namespace = ns,
            Name = name,
            Uid = uid,
            ResourceVersion = version,
            Created = created,
            Deleting = deleting,
            Labels = labels,
            Annotations = annotations,
            Finalizers = finalizers,
            OwnerReferences = owners,
            Ownership = ownership,
        };
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return "";
        Expect(ref reader, JsonTokenType.String);
        return reader.GetString()!;
    }

    private static DateTimeOffset Time(ref Utf8JsonReader reader) =>
        DateTimeOffset.TryParse(Text(ref reader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default;

    private static JsonElement Element(ref Utf8JsonReader reader)
    {
        reader.Read();
        var value = JsonElement.ParseValue(ref reader);
        return IsAbsent(value) ? default : value;
    }

    private static Dictionary<string, string> TextMap(ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return map;
        Expect(ref reader, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            map[key] = Text(ref reader);
        }
        return map;
    }

    private static ImmutableArray<string> TextList(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return [];
        Expect(ref reader, JsonTokenType.StartArray);
        var list = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.String);
            list.Add(reader.GetString()!);
        }
        return list.ToImmutable();
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (reader.TokenType != type)
            throw new JsonException($"expected {type}, found {reader.TokenType}");
    }
}
