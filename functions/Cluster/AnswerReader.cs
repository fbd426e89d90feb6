using System.Text.Json;

namespace Heliograph.Cluster;

/// <summary>Reads from an answer what the object is now, and nothing else: the answer to a write, or a bookmark.</summary>
internal static class AnswerReader
{
    /// <summary>Reads a whole body: the object written or deleted, or the <c>Status</c> of a deletion, which names the UID in its details.</summary>
    /// <exception cref="JsonException">This is no object.</exception>
    public static (string Uid, string ResourceVersion) Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Read(ref reader);
    }

    /// <summary>Reads the object on whose opening brace the reader stands.</summary>
    public static (string Uid, string ResourceVersion) Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an answer that is no object");
        string uid = "", version = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var holdsIdentity = reader.ValueTextEquals("metadata"u8) || reader.ValueTextEquals("details"u8);
            reader.Read();
            if (holdsIdentity && reader.TokenType == JsonTokenType.StartObject)
                ReadIdentity(ref reader, ref uid, ref version);
            else
                reader.Skip();
        }
        return (uid, version);
    }

    private static void ReadIdentity(ref Utf8JsonReader reader, ref string uid, ref string version)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUid = reader.ValueTextEquals("uid"u8);
            var isVersion = reader.ValueTextEquals("resourceVersion"u8);
            reader.Read();
            if (isUid) uid = reader.GetTextOrEmpty();
            else if (isVersion) version = reader.GetTextOrEmpty();
            else reader.Skip();
        }
    }

    /// <summary>The text the reader stands on; whatever else is there is passed over and reads as empty.</summary>
    public static string GetTextOrEmpty(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString()!;
        reader.Skip();
        return "";
    }
}
