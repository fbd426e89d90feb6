using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>What a HierarchyConfiguration says of its namespace.</summary>
/// <param name="Object">The object, with its payload.</param>
/// <param name="Parent">The parent's name; null for a root.</param>
/// <param name="AllowCascadingDeletion">Whether subnamespaces of this namespace and its descendants may go together with it.</param>
/// <param name="Labels">Labels for the namespace and all its descendants.</param>
/// <param name="Annotations">Annotations for the namespace and all its descendants.</param>
public sealed record HierarchySpec(
    Snapshot Object,
    string? Parent,
    bool AllowCascadingDeletion,
    ImmutableSortedDictionary<string, string> Labels,
    ImmutableSortedDictionary<string, string> Annotations)
{
    /// <summary>Reads a HierarchyConfiguration. The API server has checked its form; what is not there says nothing.</summary>
    public static HierarchySpec Read(Snapshot read)
    {
        var spec = PayloadReader.Field(read, "spec");
        return new(
            read,
            PayloadReader.Text(spec, "parent") is { Length: > 0 } parent ? parent : null,
            PayloadReader.Member(spec, "allowCascadingDeletion").ValueKind == JsonValueKind.True,
            PayloadReader.Pairs(spec, "labels"),
            PayloadReader.Pairs(spec, "annotations"));
    }
}

/// <summary>A SubnamespaceAnchor: a subnamespace as its parent's users see it.</summary>
/// <param name="Object">The object, with its payload.</param>
/// <param name="Labels">Labels for the subnamespace and all its descendants.</param>
/// <param name="Annotations">Annotations for the subnamespace and all its descendants.</param>
public sealed record Anchor(Snapshot Object, ImmutableSortedDictionary<string, string> Labels, ImmutableSortedDictionary<string, string> Annotations)
{
    /// <summary>The namespace it stands in: the subnamespace's parent.</summary>
    public string Parent => Object.Namespace;

    /// <summary>The subnamespace.</summary>
    public string Child => Object.Name;

    /// <summary>What its status says now; null where it says nothing yet.</summary>
    public string? Status => PayloadReader.Text(PayloadReader.Field(Object, "status"), "status");

    /// <summary>Reads an anchor.</summary>
    public static Anchor Read(Snapshot read)
    {
        var spec = PayloadReader.Field(read, "spec");
        return new(read, PayloadReader.Pairs(spec, "labels"), PayloadReader.Pairs(spec, "annotations"));
    }
}
