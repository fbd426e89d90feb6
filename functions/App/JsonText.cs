using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Heliograph.Functions;

/// <summary>JSON for programs that a person may look at, too: indented, and with quotation marks and such as they are.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object.</summary>
    /// <param name="writeMembers">Writes what is in it.</param>
    public static byte[] Object(Action<Utf8JsonWriter> writeMembers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
