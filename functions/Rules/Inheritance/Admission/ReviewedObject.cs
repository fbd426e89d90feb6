using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>
/// An object of any kind in a request that is reviewed. It may hold secrets: it is compared, and nothing of it is ever turned into text.
/// </summary>
public sealed class ReviewedObject
{
    private readonly JsonElement json;
    private readonly JsonElement metadata;

    /// <summary>Takes an object.</summary>
    /// <param name="json">The object; it must live as long as this does.</param>
    public ReviewedObject(JsonElement json)
    {
        this.json = json;
        metadata = PayloadReader.Member(json, "metadata");
        Labels = Texts("labels");
        Annotations = Texts("annotations");
    }

    /// <summary>The name; empty where the API server is still to make one up.</summary>
    public string Name => PayloadReader.Text(metadata, "name") ?? "";

    /// <summary>The version; empty where it has none yet.</summary>
    public string ResourceVersion => PayloadReader.Text(metadata, "resourceVersion") ?? "";

    /// <summary>Whether its deletion has begun.</summary>
    public bool IsDeleting => PayloadReader.Text(metadata, "deletionTimestamp") is { Length: > 0 };

    /// <summary>The labels.</summary>
    public FrozenDictionary<string, string> Labels { get; }

    /// <summary>The annotations.</summary>
    public FrozenDictionary<string, string> Annotations { get; }

    /// <summary>Whether the two bear the same labels and annotations.</summary>
    public bool IsMarkedAs(ReviewedObject other) => AreSame(Labels, other.Labels) && AreSame(Annotations, other.Annotations);

    /// <summary>Whether the two are the same but for <c>metadata</c> and <c>status</c>.</summary>
    public bool HasContentOf(ReviewedObject other) => Content().SequenceEqual(other.Content(), Fields.Instance);

    /// <summary>Whether the two have the same <c>spec</c>.</summary>
    public bool HasSpecOf(ReviewedObject other) => AreSame(Spec, other.Spec);

    /// <summary>What people wrote; undefined where there is nothing.</summary>
    internal JsonElement Spec => PayloadReader.Member(json, "spec");

    /// <summary>The object as if it had been read, with a payload where its kind has one.</summary>
    public Snapshot ToSnapshot(Kind kind, string ns, string name) => new()
    {
        Kind = kind,
        Namespace = ns,
        Name = name,
        Uid = PayloadReader.Text(metadata, "uid") ?? "",
        ResourceVersion = ResourceVersion,
        Deleting = IsDeleting,
        Labels = Labels,
        Annotations = Annotations,
        Finalizers = [.. PayloadReader.Items(metadata, "finalizers").Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
        Content = new Content(kind.ContentFields.Select(field => KeyValuePair.Create(field, PayloadReader.Member(json, field)))
            .Where(field => field.Value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)).ToImmutableSortedDictionary(StringComparer.Ordinal)),
    };

    private IEnumerable<JsonProperty> Content() => json.ValueKind != JsonValueKind.Object ? []
        : json.EnumerateObject().Where(field => !field.NameEquals("metadata") && !field.NameEquals("status")).OrderBy(field => field.Name, StringComparer.Ordinal);

    private FrozenDictionary<string, string> Texts(string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (PayloadReader.Member(metadata, name) is { ValueKind: JsonValueKind.Object } map)
        {
            foreach (var item in map.EnumerateObject())
            {
                if (item.Value.ValueKind == JsonValueKind.String)
                    texts[item.Name] = item.Value.GetString()!;
            }
        }
        return texts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static bool AreSame(FrozenDictionary<string, string> one, FrozenDictionary<string, string> other) =>
        one.Count == other.Count && one.All(item => other.TryGetValue(item.Key, out var value) && value == item.Value);

    private static bool AreSame(JsonElement one, JsonElement other) =>
        one.ValueKind == JsonValueKind.Undefined || other.ValueKind == JsonValueKind.Undefined
            ? one.ValueKind == other.ValueKind
            : JsonElement.DeepEquals(one, other);

    private sealed class Fields : IEqualityComparer<JsonProperty>
    {
        public static Fields Instance { get; } = new();

        public bool Equals(JsonProperty x, JsonProperty y) => x.Name == y.Name && AreSame(x.Value, y.Value);

        public int GetHashCode(JsonProperty obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
