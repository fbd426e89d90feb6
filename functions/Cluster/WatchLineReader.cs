using System.Buffers;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Cluster;

/// <summary>Reads one line of a watch, <c>{"type": …, "object": …}</c>, from the bytes as they lie in the pipe.</summary>
internal static class WatchLineReader
{
    /// <summary>Reads a line.</summary>
    /// <returns>The line; null where it is of a type that we do not know and may pass over.</returns>
    /// <exception cref="JsonException">This is no line of a watch.</exception>
    public static WatchLine? Read(in ReadOnlySequence<byte> line, Kind kind)
    {
        var reader = new Utf8JsonReader(line);
        Utf8JsonReader body = default;
        string? type = null;
        var hasBody = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("a watch line that is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                type = reader.GetTextOrEmpty();
            }
            else
            {
                if (isObject)
                {
                    body = reader;
                    hasBody = reader.TokenType == JsonTokenType.StartObject;
                }
                reader.Skip();
            }
        }
        if (type is null || !hasBody)
            throw new JsonException("a watch line without type or object");
        return type switch
        {
            "ADDED" => new WatchLine.Added(SnapshotReader.Read(ref body, kind, withContent: false)),
            "MODIFIED" => new WatchLine.Modified(SnapshotReader.Read(ref body, kind, withContent: false)),
            "DELETED" => new WatchLine.Deleted(SnapshotReader.Read(ref body, kind, withContent: false)),
            "BOOKMARK" => new WatchLine.Bookmark(AnswerReader.Read(ref body).ResourceVersion),
            "ERROR" => Failed(StatusReader.Read(ref body)),
            _ => null,
        };
    }

    private static WatchLine.Failed Failed(ApiStatus status) => new(status.Code, status.Reason);
}
