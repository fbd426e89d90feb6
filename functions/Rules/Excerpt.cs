namespace Heliograph.Rules;

/// <summary>Quotes what people wrote, for messages. Annotations may be as long as 256 KiB; nobody wants to read that.</summary>
internal static class Excerpt
{
    private const int MaxLength = 120;

    /// <summary>The text in quotation marks, cut where it is long.</summary>
    public static string Of(string text) => text.Length <= MaxLength ? $"\"{text}\"" : $"\"{text.AsSpan(0, MaxLength)}…\"";
}
