using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Model;

/// <summary>
/// The payload of an object: the fields of <see cref="Kind.ContentFields"/> as JSON. It may hold secrets, so nothing here ever turns a value into text.
/// </summary>
/// <param name="fields">The top-level fields by name.</param>
public sealed class Content(ImmutableSortedDictionary<string, JsonElement> fields)
{
    /// <summary>A payload without any field.</summary>
    public static Content Empty { get; } = new(ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal));

    /// <summary>The top-level fields by name. A field that is absent, null or an empty list on the object is absent here.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Fields { get; } = fields;

    /// <summary>A field's value as text, for example a Secret's <c>type</c>; null where it is absent or no string.</summary>
    public string? Text(string field) =>
        Fields.TryGetValue(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whether the kind's <see cref="Kind.Lock"/> is set.</summary>
    public bool IsLocked(Kind kind) => kind.Lock is { } name && Fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>The keys of a <see cref="FieldShape.Map"/> field with their values; none where the field is absent.</summary>
    public IEnumerable<JsonProperty> Entries(string field) =>
        Fields.TryGetValue(field, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    /// <summary>The paths (see <see cref="FieldOwnership"/>) of all that is there of a kind's copied fields, sorted.</summary>
    public ImmutableArray<string> Paths(Kind kind) =>
    [
        .. kind.Copied.SelectMany(field => field.Shape == FieldShape.Map
            ? Entries(field.Name).Select(entry => $"{field.Name}/{entry.Name}")
            : Fields.ContainsKey(field.Name) ? [field.Name] : Enumerable.Empty<string>()).Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether there is nothing in any of a kind's copied fields.</summary>
    public bool HoldsNothing(Kind kind) => Paths(kind).IsEmpty;

    /// <summary>Names the fields, never their values.</summary>
    public override string ToString() => $"Content({string.Join(", ", Fields.Keys)})";
}
