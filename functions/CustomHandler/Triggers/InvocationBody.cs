using System.Text;
using System.Text.Json;

namespace Heliograph.Handler.Triggers;

/// <summary>
/// What the host sends for a trigger: <c>{"Data":{binding:value},"Metadata":{…}}</c>. Metadata is not read: the host lets the members of a message
/// overwrite its own, so a sender could write there what he likes.
/// </summary>
internal static class InvocationBody
{
    /// <summary>An event of 1 MB, escaped twice, and room.</summary>
    public const int Most = 16 * 1024 * 1024;

    /// <summary>The value of a binding as the bytes that were delivered.</summary>
    /// <remarks>
    /// The host hands an object over as it is, and everything else as a text of JSON: a list as <c>"[…]"</c>, and a queue's message, being a text, as a
    /// text in a text. So at most two wrappings are taken off.
    /// </remarks>
    /// <exception cref="FormatException">The body is not an invocation of a function with this binding.</exception>
    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> body, string binding)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("Data", out var data) && data.ValueKind == JsonValueKind.Object
                && data.TryGetProperty(binding, out var value))
                return Unwrap(value, wrappings: 2);
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw new FormatException($"this is no invocation by the Azure Functions host: its body has no Data.{binding}");
    }

    private static byte[] Unwrap(JsonElement value, int wrappings)
    {
        if (value.ValueKind != JsonValueKind.String)
            return Encoding.UTF8.GetBytes(value.GetRawText());
        var text = value.GetString()!;
        if (wrappings > 0)
        {
            try
            {
                using var inner = JsonDocument.Parse(text);
                return Unwrap(inner.RootElement, wrappings - 1);
            }
            catch (JsonException)
            {
                // Then it was the text itself.
            }
        }
        return Encoding.UTF8.GetBytes(text);
    }
}
