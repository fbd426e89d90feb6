using System.Globalization;
using System.Text.Json;

namespace Heliograph.Cluster;

/// <summary>Reads the answer of <c>/version</c>.</summary>
internal static class VersionReader
{
    public static ServerVersion Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("a version that is no object");
        string version = "", major = "", minor = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("gitVersion"u8);
            var isMajor = reader.ValueTextEquals("major"u8);
            var isMinor = reader.ValueTextEquals("minor"u8);
            reader.Read();
            if (isVersion) version = reader.GetTextOrEmpty();
            else if (isMajor) major = reader.GetTextOrEmpty();
            else if (isMinor) minor = reader.GetTextOrEmpty();
            else reader.Skip();
        }
        return new ServerVersion(version, Number(major), Number(minor));
    }

    /// <summary>Providers write <c>27+</c>.</summary>
    private static int Number(string text)
    {
        var digits = text.AsSpan(0, text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
