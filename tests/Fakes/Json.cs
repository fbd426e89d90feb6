using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Heliograph.Fakes;

/// <summary>A JSON value that never changes, compared by what it says. Members of a mapping are in ordinal order.</summary>
public abstract record Json
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Json()
    {
    }

    /// <summary>The mapping without members.</summary>
    public static Map Empty { get; } = new(ImmutableSortedDictionary.Create<string, Json>(StringComparer.Ordinal));

    /// <summary>The value <c>null</c>, which is not the same as no value.</summary>
    public static Json Null { get; } = new Literal("null");

    /// <summary>A string.</summary>
    public static Json Of(string value) => new Text(value);

    /// <summary>A boolean.</summary>
    public static Json Of(bool value) => new Literal(value ? "true" : "false");

    /// <summary>A mapping of strings.</summary>
    public static Map Of(IEnumerable<KeyValuePair<string, string>> pairs) =>
        new(pairs.ToImmutableSortedDictionary(pair => pair.Key, pair => Of(pair.Value), StringComparer.Ordinal));

    /// <summary>A mapping; members without a value are left out.</summary>
    public static Map Of(params ReadOnlySpan<(string Name, Json? Value)> members)
    {
        var builder = Empty.Members.ToBuilder();
        foreach (var (name, value) in members)
        {
            if (value is not null)
                builder[name] = value;
        }
        return new Map(builder.ToImmutable());
    }

    /// <summary>Reads a complete text.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static Json Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        return From(JsonElement.ParseValue(ref reader));
    }

    /// <summary>Reads a complete text.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static Json Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return From(document.RootElement);
    }

    /// <summary>The value as UTF-8.</summary>
    public byte[] ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
            WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value as JSON.</summary>
    public sealed override string ToString() => System.Text.Encoding.UTF8.GetString(ToUtf8());

    private static Json From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new Map(element.EnumerateObject().Aggregate(
            Empty.Members.ToBuilder(),
            static (members, member) =>
            {
                members[member.Name] = From(member.Value);
                return members;
            }).ToImmutable()),
        JsonValueKind.Array => new List([.. element.EnumerateArray().Select(From)]),
        JsonValueKind.String => Of(element.GetString()!),
        JsonValueKind.Null => Null,
        _ => new Literal(element.GetRawText()),
    };

    private void WriteTo(Utf8JsonWriter writer)
    {
        switch (this)
        {
            case Map map:
                writer.WriteStartObject();
                foreach (var (name, value) in map.Members)
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
                writer.WriteEndObject();
                break;
            case List list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    item.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case Text text:
                writer.WriteStringValue(text.Value);
                break;
            case Literal literal:
                writer.WriteRawValue(literal.Raw);
                break;
        }
    }

    /// <summary>A mapping.</summary>
    public sealed record Map(ImmutableSortedDictionary<string, Json> Members) : Json
    {
        /// <summary>A member's value; null where there is no such member.</summary>
        public Json? this[string name] => Members.GetValueOrDefault(name);

        /// <summary>Whether there is no member.</summary>
        public bool IsEmpty => Members.IsEmpty;

        /// <summary>A member that is a string; empty where it is absent or something else.</summary>
        public string TextOf(string name) => this[name] is Text text ? text.Value : "";

        /// <summary>A member that is a mapping; an empty one where it is absent or something else.</summary>
        public Map MapOf(string name) => this[name] as Map ?? Empty;

        /// <summary>The items of a member that is a list; none where it is absent or something else.</summary>
        public ImmutableArray<Json> ItemsOf(string name) => this[name] is List list ? list.Items : [];

        /// <summary>The same mapping with a member set, or taken away where the value is null.</summary>
        public Map With(string name, Json? value) => new(value is null ? Members.Remove(name) : Members.SetItem(name, value));

        /// <summary>The same mapping with a string set, or taken away where it is empty.</summary>
        public Map With(string name, string value) => With(name, value.Length == 0 ? null : Of(value));

        /// <inheritdoc/>
        public bool Equals(Map? other)
        {
            if (ReferenceEquals(this, other) || ReferenceEquals(Members, other?.Members))
                return true;
            if (other is null || Members.Count != other.Members.Count)
                return false;
            foreach (var (name, value) in Members)
            {
                if (!value.Equals(other[name]))
                    return false;
            }
            return true;
        }

        /// <inheritdoc/>
        public override int GetHashCode() => Members.Aggregate(7, (hash, member) => HashCode.Combine(hash, member.Key, member.Value));
    }

    /// <summary>A list.</summary>
    public sealed record List(ImmutableArray<Json> Items) : Json
    {
        /// <inheritdoc/>
        public bool Equals(List? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Items.Aggregate(11, HashCode.Combine);
    }

    /// <summary>A string.</summary>
    public sealed record Text(string Value) : Json;

    /// <summary>A number, a boolean or null, as it is written.</summary>
    public sealed record Literal(string Raw) : Json;
}
