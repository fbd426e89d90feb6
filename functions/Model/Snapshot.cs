using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Model;

/// <summary>
/// One object as it was read: always its metadata, its payload only where it was asked for. Also used for namespaces, whose
/// <see cref="Namespace"/> is empty.
/// </summary>
public sealed record Snapshot
{
    /// <summary>The object's row of the kinds table.</summary>
    public required Kind Kind { get; init; }

    /// <summary>The namespace; empty for a cluster-scoped object.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The UID; a re-created object has another.</summary>
    public required string Uid { get; init; }

    /// <summary>The version read, opaque; the precondition of every write that rests on this snapshot.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>When the object was created, to the second.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Whether deletion has begun (a <c>deletionTimestamp</c> is set).</summary>
    public bool Deleting { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The finalizers.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>The owner references as they stand in the object; undefined where there are none.</summary>
    public JsonElement OwnerReferences { get; init; }

    /// <summary>Who last wrote what.</summary>
    public FieldOwnership Ownership { get; init; } = FieldOwnership.Unknown;

    /// <summary>The payload; null where only metadata was read.</summary>
    public Content? Content { get; init; }

    /// <summary>The object's name in the form used in annotations and messages.</summary>
    public ResourceRef Ref => new(Kind.Name, Namespace, Name);

    /// <summary>An annotation's value; null where it is not set.</summary>
    public string? Annotation(string key) => Annotations.GetValueOrDefault(key);

    /// <summary>Whether any annotation belongs to the vocabulary, or HNC copied it here, that is: whether the object says anything that can concern us.</summary>
    public bool SpeaksToUs
    {
        get
        {
            foreach (var key in Annotations.Keys)
            {
                if (Vocabulary.Contains(key))
                    return true;
            }
            return Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom);
        }
    }

    /// <summary>Names the object and its version; never annotations or payload.</summary>
    public override string ToString() => $"{Kind.Name} {Namespace}/{Name}@{ResourceVersion}";
}
