using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Model;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.Promises;

/// <summary>An object as the API server holds it, with what the promises ask of it.</summary>
internal sealed class StoredThing(Snapshot read, Json.Map body)
{
    public ResourceRef Ref => read.Ref;

    public Kind Kind => read.Kind;

    public Json.Map Body { get; } = body;

    public Json.Map Annotations { get; } = body.MapOf("metadata").MapOf("annotations");

    public Json.Map Labels { get; } = body.MapOf("metadata").MapOf("labels");

    public string Uid => read.Uid;

    public string Version => read.ResourceVersion;

    public bool Deleting => read.Deleting;

    public bool IsLocked => Kind.Lock is { } locking && Body[locking]?.Equals(Json.Of(true)) == true;

    public bool IsFilledOnRequest => Annotations.TextOf(Ours.Mirror) == Vocabulary.Heliograph.MirrorOnRequest;

    /// <summary>Of what the object says that it is a copy.</summary>
    public ResourceRef? CopyOf => ResourceRef.TryParse(Annotations.TextOf(Ours.Source), out var source) && source.Kind == Kind.Name ? source : null;

    /// <summary>The source of which we made it; null where we did not, or it was somebody's own.</summary>
    public ResourceRef? MadeOf =>
        CopyOf is { } source && source != Ref && !IsFilledOnRequest && (Annotations.TextOf(Ours.SourceUid).Length > 0 || IsOurs("annotations/" + Ours.Source)) ? source : null;

    public DateTimeOffset Created => DateTimeOffset.Parse(Body.MapOf("metadata").TextOf("creationTimestamp"), CultureInfo.InvariantCulture);

    /// <summary>Whether we own a path.</summary>
    public bool IsOurs(string path) => read.Ownership.IsOurs(path);

    /// <summary>Whether the API server knows who wrote what.</summary>
    public bool IsTracked => read.Ownership.Known;

    public bool HoldsNothing => Kind.WrittenWhole && !Payload.Any();

    /// <summary>What is copied: keys of maps by their paths, other fields by their names.</summary>
    public IEnumerable<KeyValuePair<string, Json>> Payload =>
        from copied in Kind.Copied
        from pair in copied.Shape == FieldShape.Map
            ? Body.MapOf(copied.Name).Members.Select(member => KeyValuePair.Create($"{copied.Name}/{member.Key}", member.Value))
            : Body[copied.Name] is { } whole ? [KeyValuePair.Create(copied.Name, whole)] : []
        select pair;
}
