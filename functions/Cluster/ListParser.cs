using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Cluster;

/// <summary>
/// Reads one page of a list as its bytes arrive, so that no more than one object's text is held at a time. Feed it with <see cref="Read"/>; what it
/// did not take is offered again, with more behind it.
/// </summary>
internal sealed class ListParser(Kind kind, bool withContent)
{
    private enum Place
    {
        Start,
        Top,
        Items,
        End,
    }

    private JsonReaderState state;
    private Place place = Place.Start;
    private bool hasItems;

    /// <summary>The objects read so far.</summary>
    public List<Snapshot> Objects { get; } = [];

    /// <summary>The version of the list.</summary>
    public string ResourceVersion { get; private set; } = "";

    /// <summary>The token that gets the next page; empty where this is the last.</summary>
    public string Continue { get; private set; } = "";

    /// <summary>
    /// Whether this was a list, read to its end. Any other JSON, such as the <c>{}</c> of some proxy, must not pass for a world without objects.
    /// </summary>
    public bool IsComplete => place == Place.End && hasItems && ResourceVersion.Length > 0;

    /// <summary>Reads as far as the bytes go.</summary>
    /// <param name="bytes">What was not taken before, and what came since.</param>
    /// <param name="isLast">Whether nothing more will come.</param>
    /// <returns>How many bytes were taken.</returns>
    /// <exception cref="JsonException">This is no list.</exception>
    public int Read(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, state);
        while (true)
        {
            var before = reader;
            if (!Step(ref reader, bytes))
            {
                reader = before;
                break;
            }
        }
        state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    /// <summary>Takes one property or one object; false where its end is not there yet.</summary>
    private bool Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        if (!reader.Read())
            return false;
        switch (place)
        {
            case Place.Start:
                Expect(reader.TokenType, JsonTokenType.StartObject);
                place = Place.Top;
                return true;
            case Place.Top when reader.TokenType == JsonTokenType.EndObject:
                place = Place.End;
                return true;
            case Place.Top:
                return ReadProperty(ref reader, bytes);
            case Place.Items when reader.TokenType == JsonTokenType.EndArray:
                place = Place.Top;
                return true;
            case Place.Items:
                return TryValue(ref reader, bytes, out var item) && Add(item);
            default:
                throw new JsonException("text after the end of a list");
        }
    }

    private bool ReadProperty(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        var isItems = reader.ValueTextEquals("items"u8);
        var isMetadata = reader.ValueTextEquals("metadata"u8);
        if (!reader.Read())
            return false;
        hasItems |= isItems;
        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            place = Place.Items;
            return true;
        }
        if (!TryValue(ref reader, bytes, out var value))
            return false;
        if (isMetadata)
            ReadMetadata(value);
        return true;
    }

    private bool Add(ReadOnlySpan<byte> item)
    {
        Objects.Add(SnapshotReader.Read(item, kind, withContent));
        return true;
    }

    private void ReadMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        Expect(reader.TokenType, JsonTokenType.StartObject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("resourceVersion"u8);
            var isContinue = reader.ValueTextEquals("continue"u8);
            reader.Read();
            if (isVersion) ResourceVersion = reader.GetTextOrEmpty();
            else if (isContinue) Continue = reader.GetTextOrEmpty();
            else reader.Skip();
        }
    }

    private static bool TryValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value)
    {
        var start = (int)reader.TokenStartIndex;
        var complete = reader.TrySkip();
        value = complete ? bytes[start..(int)reader.BytesConsumed] : default;
        return complete;
    }

    private static void Expect(JsonTokenType found, JsonTokenType expected)
    {
        if (found != expected)
            throw new JsonException($"expected {expected}, found {found}");
    }
}
