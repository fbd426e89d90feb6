using System.Globalization;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>Where an object is kept.</summary>
internal readonly record struct ObjectKey(string Kind, string Namespace, string Name) : IComparable<ObjectKey>
{
    public int CompareTo(ObjectKey other)
    {
        var order = string.CompareOrdinal(Kind, other.Kind);
        order = order != 0 ? order : string.CompareOrdinal(Namespace, other.Namespace);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }
}

/// <summary>One version of an object. It never changes.</summary>
internal sealed class StoredObject(Kind kind, Json.Map body, bool isUneven = false)
{
    private Snapshot? metadata, content;

    /// <summary>
    /// Whether it was written with bytes that are not there, which are empty when they are read back. A write that finds or makes such an object makes
    /// a new version even if it changes nothing.
    /// </summary>
    public bool IsUneven { get; } = isUneven;

    /// <summary>An object as it is stored when it was read or put together.</summary>
    public static StoredObject Of(Kind kind, Json.Map read) => new(kind, Form.Stored(read, kind), Form.LacksBytes(read, kind));

    public Kind Kind { get; } = kind;

    public Json.Map Body { get; } = body;

    public Json.Map Metadata { get; } = body.MapOf("metadata");

    public string Name => Metadata.TextOf("name");

    public string Namespace => Metadata.TextOf("namespace");

    public string Uid => Metadata.TextOf("uid");

    public string Version => Metadata.TextOf("resourceVersion");

    public long VersionNumber => long.Parse(Version, CultureInfo.InvariantCulture);

    public bool Deleting => Metadata.TextOf("deletionTimestamp").Length > 0;

    public ObjectKey Key => new(Kind.Name, Namespace, Name);

    /// <summary>The object with metadata alone, as the API server sends it when asked for that.</summary>
    public Json.Map Partial => Json.Of(("apiVersion", Json.Of("meta.k8s.io/v1")), ("kind", Json.Of("PartialObjectMetadata")), ("metadata", Metadata));

    /// <summary>What a client reads. The bytes that would be sent go through the client's own reader.</summary>
    public Snapshot Read(bool withContent) => withContent
        ? content ??= SnapshotReader.Read(Body.ToUtf8(), Kind, withContent: true)
        : metadata ??= SnapshotReader.Read(Partial.ToUtf8(), Kind, withContent: false);

    public StoredObject WithMetadata(Json.Map changed) => new(Kind, Body.With("metadata", changed), IsUneven);
}
