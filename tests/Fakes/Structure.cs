using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>
/// How the API server's schema sees a part of an object: which of its parts can be owned one by one. It follows from the kinds table, except where the
/// API server's types hold more than the table needs to know.
/// </summary>
internal abstract record Structure
{
    private static readonly Structure Metadata = Named(
        ("name", Leaf.One), ("generateName", Leaf.One), ("namespace", Leaf.One), ("uid", Leaf.One), ("resourceVersion", Leaf.One),
        ("generation", Leaf.One), ("creationTimestamp", Leaf.One), ("deletionTimestamp", Leaf.One), ("deletionGracePeriodSeconds", Leaf.One),
        ("labels", Table.One), ("annotations", Table.One), ("finalizers", Set.One),
        ("ownerReferences", new Keyed("uid", Named(
            ("apiVersion", Leaf.One), ("kind", Leaf.One), ("name", Leaf.One), ("uid", Leaf.One), ("controller", Leaf.One),
            ("blockOwnerDeletion", Leaf.One)))));

    private static readonly FrozenDictionary<string, Members> Extra = new Dictionary<string, Members>(StringComparer.Ordinal)
    {
        ["Secret"] = Named(("stringData", Table.One)),
        ["Namespace"] = Named(
            ("spec", Named(("finalizers", Leaf.One))),
            ("status", Named(("phase", Leaf.One), ("conditions", new Keyed("type", Named(
                ("type", Leaf.One), ("status", Leaf.One), ("reason", Leaf.One), ("message", Leaf.One), ("lastTransitionTime", Leaf.One))))))),
        ["RoleBinding"] = Named(("roleRef", Named(("apiGroup", Leaf.One), ("kind", Leaf.One), ("name", Leaf.One)))),
        ["ServiceAccount"] = Named(("secrets", new Keyed("name", Named(
            ("kind", Leaf.One), ("namespace", Leaf.One), ("name", Leaf.One), ("uid", Leaf.One), ("apiVersion", Leaf.One),
            ("resourceVersion", Leaf.One), ("fieldPath", Leaf.One))))),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly ConditionalWeakTable<Kind, Members> Known = [];

    private Structure()
    {
    }

    /// <summary>The structure of a kind's objects.</summary>
    public static Members Of(Kind kind) => Known.GetValue(kind, Make);

    private static Members Make(Kind kind)
    {
        var fields = ImmutableSortedDictionary.CreateBuilder<string, Structure>(StringComparer.Ordinal);
        fields["apiVersion"] = fields["kind"] = Leaf.One;
        fields["metadata"] = Metadata;
        foreach (var copied in kind.Copied)
            fields[copied.Name] = copied.Shape == FieldShape.Map ? Table.One : Leaf.One;
        if (kind.Frozen is { } frozen)
            fields[frozen] = Leaf.One;
        if (kind.Lock is { } locking)
            fields[locking] = Leaf.One;
        if (Extra.TryGetValue(kind.Name, out var extra))
        {
            foreach (var (name, structure) in extra.Fields)
                fields[name] = structure;
        }
        return new Members(fields.ToImmutable());
    }

    private static Members Named(params ReadOnlySpan<(string Name, Structure Structure)> fields) =>
        new(fields.ToArray().ToImmutableSortedDictionary(field => field.Name, field => field.Structure, StringComparer.Ordinal));

    /// <summary>A value that is owned as a whole: a scalar, or a list or mapping that the schema calls atomic.</summary>
    public sealed record Leaf : Structure
    {
        public static Leaf One { get; } = new();
    }

    /// <summary>A mapping of any keys to scalars, each key owned by itself, and so is the mapping.</summary>
    public sealed record Table : Structure
    {
        public static Table One { get; } = new();
    }

    /// <summary>A mapping with fields that the schema names.</summary>
    public sealed record Members(ImmutableSortedDictionary<string, Structure> Fields) : Structure;

    /// <summary>A list whose items are told apart by one of their fields.</summary>
    public sealed record Keyed(string Key, Structure Item) : Structure;

    /// <summary>A list of scalars without order.</summary>
    public sealed record Set : Structure
    {
        public static Set One { get; } = new();
    }
}
