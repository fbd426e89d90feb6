using System.Buffers.Text;
using System.Text;

namespace Heliograph.Queues;

/// <summary>
/// A message's text: one CloudEvent as JSON, in base64, because that is how Event Grid delivers into queues and what Azure Functions expect of them.
/// </summary>
public static class QueueText
{
    /// <summary>How many bytes a message holds: a queue takes 64 KB of text, and base64 makes four characters of three bytes.</summary>
    public const int MaxBytes = 49_152;

    /// <summary>Writes a message.</summary>
    public static string Encode(ReadOnlySpan<byte> json) => Convert.ToBase64String(json);

    /// <summary>Reads a message. Text that is JSON already, as a person may have put it in, is taken as it is.</summary>
    /// <param name="text">The message's text.</param>
    /// <param name="json">What it holds; whether that is JSON is for others to find.</param>
    /// <returns>False where it is neither base64 nor begins as JSON does.</returns>
    public static bool TryDecode(string text, out byte[] json)
    {
        if (text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            json = Encoding.UTF8.GetBytes(text);
            return true;
        }
        json = [];
        if (!Base64.IsValid(text, out var length) || length == 0)
            return false;
        json = Convert.FromBase64String(text);
        return true;
    }
}
