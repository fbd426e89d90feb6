using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>How a copied field is compared and merged.</summary>
public enum FieldShape
{
    /// <summary>A mapping of independent keys, such as a Secret's <c>data</c>: keys can be merged, removed and drift one by one.</summary>
    Map,

    /// <summary>One value that is copied or not as a whole, such as a Role's <c>rules</c>.</summary>
    Whole,
}

/// <summary>A top-level field that a mirror takes from its source.</summary>
/// <param name="Name">The JSON name, for example <c>data</c>.</param>
/// <param name="Shape">How it is compared and merged.</param>
public sealed record CopiedField(string Name, FieldShape Shape)
{
    /// <summary>The field's name as it stands in <c>metadata.managedFields</c>.</summary>
    internal string ManagedName { get; } = "f:" + Name;
}

/// <summary>What the API server demands of objects of one type: at least one of these keys must be there.</summary>
/// <param name="Type">The value of <see cref="Kind.Frozen"/>.</param>
/// <param name="AnyOf">The keys.</param>
public sealed record KeyRequirement(string Type, params ImmutableArray<string> AnyOf);

/// <summary>
/// One row of the kinds table (<see cref="Kinds"/>): all that the rest of the project knows about a kind.
/// Adding a kind is adding a row; nothing else in the code names kinds.
/// </summary>
public sealed record Kind
{
    /// <summary>The Kubernetes kind, for example <c>Secret</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The API group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The API version within the group.</summary>
    public string Version { get; init; } = "v1";

    /// <summary>The resource's plural name, as in API paths and RBAC rules.</summary>
    public required string Plural { get; init; }

    /// <summary>The fields a mirror takes from its source.</summary>
    public ImmutableArray<CopiedField> Copied { get; init; } = [];

    /// <summary>
    /// A field that is taken at creation and that the API server refuses to change afterwards (a Secret's <c>type</c>, a RoleBinding's
    /// <c>roleRef</c>); null where there is none. It may be an object and is compared as a whole.
    /// A mirror that differs in it is deleted and created anew where it is ours, and keeps it where it is the user's.
    /// </summary>
    public string? Frozen { get; init; }

    /// <summary>
    /// A field that makes the whole object unchangeable while it is true (<c>immutable</c> of Secrets and ConfigMaps); null where there is none.
    /// It is never copied.
    /// </summary>
    public string? Lock { get; init; }

    /// <summary>
    /// Whether metadata, <see cref="Copied"/> and <see cref="Frozen"/> are all there is to an object, so that a PUT may replace it.
    /// Where other fields exist they belong to somebody else, writes are patches, and an object that holds nothing of ours is not empty for that.
    /// </summary>
    public bool WrittenWhole { get; init; }

    /// <summary>
    /// Whether what was copied can leave an object without turning its meaning round. A Secret without keys is empty; a NetworkPolicy without its spec
    /// cuts off every pod.
    /// </summary>
    public bool MayBeEmptied { get; init; } = true;

    /// <summary>Whether objects of this kind live in namespaces. Only such kinds can be served.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>Whether the kind is served without being asked for; see the setting <c>Replication__Kinds</c>.</summary>
    public bool ServedByDefault { get; init; }

    /// <summary>A field selector that keeps objects which can never matter out of lists and watches; null for none.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Names that are never a source, because the cluster itself puts an object of that name into every namespace.</summary>
    public ImmutableArray<string> RefusedNames { get; init; } = [];

    /// <summary>
    /// Names under which nothing is ever pushed, because every namespace has an object of that name from the cluster. Such an object may still ask
    /// to be filled, and others may ask to be filled from it.
    /// </summary>
    public ImmutableArray<string> ReservedNames { get; init; } = [];

    /// <summary>
    /// Whether any name that can stand in a path is legal, as for RBAC objects (<c>system:reader</c>); else a name is a DNS subdomain.
    /// </summary>
    public bool LooseNames { get; init; }

    /// <summary>The keys that cannot be taken out of an object of some type.</summary>
    public ImmutableArray<KeyRequirement> RequiredKeys { get; init; } = [];

    /// <summary>Values of <see cref="Frozen"/> that are never a source; one that ends in <c>/</c> stands for all that start with it.</summary>
    public ImmutableArray<string> RefusedTypes { get; init; } = [];

    /// <summary>Whether there are keys that can be merged, chosen and renamed.</summary>
    public bool HasKeys
    {
        get
        {
            foreach (var copied in Copied)
            {
                if (copied.Shape == FieldShape.Map)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The fields that are kept when an object's payload is read.</summary>
    public IEnumerable<string> ContentFields
    {
        get
        {
            foreach (var copied in Copied)
                yield return copied.Name;
            if (Frozen is not null)
                yield return Frozen;
            if (Lock is not null)
                yield return Lock;
        }
    }

    /// <summary>The <c>apiVersion</c> of objects of this kind.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path below which the API server serves this version, without the resource.</summary>
    public string ApiPath => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
