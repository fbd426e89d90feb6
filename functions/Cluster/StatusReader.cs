using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Cluster;

/// <summary>
/// What is taken from a <c>Status</c> of the API server: words and numbers that are meant for machines. The message is passed over wherever it
/// stands, because it quotes the request, and so the secret, for example where base64 does not decode.
/// </summary>
internal sealed record ApiStatus
{
    public static ApiStatus None { get; } = new();

    /// <summary>The machine-readable reason, for example <c>AlreadyExists</c>; empty where there is none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The HTTP status code as the body repeats it; 0 where it does not.</summary>
    public int Code { get; init; }

    /// <summary>How many seconds to wait before the next try; null where nothing is said.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The fields complained of, as far as they look like paths.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>The reasons of the causes, for example <c>NamespaceTerminating</c>.</summary>
    public ImmutableArray<string> Causes { get; init; } = [];
}

/// <summary>Reads a <c>Status</c>. Whatever is not one, or is cut short, says nothing.</summary>
internal static class StatusReader
{
    private const int MaxCauses = 20;
    private const int MaxFieldLength = 320;
    private const int MaxWordLength = 64;

    /// <summary>Reads a whole body.</summary>
    public static ApiStatus Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() ? Read(ref reader) : ApiStatus.None;
        }
        catch (JsonException)
        {
            return ApiStatus.None;
        }
    }

    /// <summary>Reads the object on whose opening brace the reader stands.</summary>
    public static ApiStatus Read(ref Utf8JsonReader reader)
    {
        var status = ApiStatus.None;
        if (reader.TokenType != JsonTokenType.StartObject)
            return status;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("reason"u8)) status = status with { Reason = Word(ref reader) };
            else if (reader.ValueTextEquals("code"u8)) status = status with { Code = Number(ref reader) ?? 0 };
            else if (reader.ValueTextEquals("details"u8)) status = ReadDetails(ref reader, status);
            else reader.Skip();
        }
        return status;
    }

    /// <summary>Whether a text is a path such as <c>data[tls.crt]</c> or <c>metadata.labels</c> and nothing else.</summary>
    internal static bool IsFieldPath(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxFieldLength || !(char.IsAsciiLetter(text[0]) || text[0] == '.'))
            return false;
        var bracket = false;
        foreach (var c in text)
        {
            if (c is '[' or ']')
            {
                if (bracket == (c == '['))
                    return false;
                bracket = c == '[';
            }
            else if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_') && !(bracket && c == '/'))
            {
                return false;
            }
        }
        return !bracket;
    }

    private static ApiStatus ReadDetails(ref Utf8JsonReader reader, ApiStatus status)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return status;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("retryAfterSeconds"u8)) status = status with { RetryAfterSeconds = Number(ref reader) };
            else if (reader.ValueTextEquals("causes"u8)) status = ReadCauses(ref reader, status);
            else reader.Skip();
        }
        return status;
    }

    private static ApiStatus ReadCauses(ref Utf8JsonReader reader, ApiStatus status)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return status;
        }
        var fields = ImmutableArray.CreateBuilder<string>();
        var causes = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            ReadCause(ref reader, fields, causes);
        return status with { Fields = fields.ToImmutable(), Causes = causes.ToImmutable() };
    }

    private static void ReadCause(ref Utf8JsonReader reader, ImmutableArray<string>.Builder fields, ImmutableArray<string>.Builder causes)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("reason"u8))
            {
                var word = Word(ref reader);
                if (word.Length > 0 && causes.Count < MaxCauses)
                    causes.Add(word);
            }
            else if (reader.ValueTextEquals("field"u8))
            {
                var field = Text(ref reader);
                if (IsFieldPath(field) && fields.Count < MaxCauses && !fields.Contains(field))
                    fields.Add(field);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static string Word(ref Utf8JsonReader reader)
    {
        var text = Text(ref reader);
        return text.Length <= MaxWordLength && text.All(char.IsAsciiLetterOrDigit) ? text : "";
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString()!;
        reader.Skip();
        return "";
    }

    private static int? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
            return number;
        reader.Skip();
        return null;
    }
}
