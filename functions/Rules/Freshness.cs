using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Whether a mirror that is wanted is as it should be. Metadata decides where it can; else the payload is asked for.</summary>
internal static class Freshness
{
    /// <summary>Judges a mirror that is or becomes ours.</summary>
    public static Intent Judge(Cell cell, MirrorPolicy policy, Standing standing)
    {
        var onRequest = standing is Standing.Requesting;
        var desired = Desired.Of(cell.Source!, policy, onRequest);
        var act = cell.Mirror!.Content is { } content && desired.Values is not null
            ? ByContent(cell, desired, content, policy, standing)
            : ByMetadata(cell, desired, policy, standing);
        return act with { Policy = policy, OnRequest = onRequest };
    }

    private static Intent ByMetadata(Cell cell, Desired desired, MirrorPolicy policy, Standing standing)
    {
        var mirror = cell.Mirror!;
        if (FirstTouch(mirror, standing) is { } reason)
            // What the user's own object holds must be known before it is replaced by something else.
            return new(reason == Reason.Requested ? Act.Look : Act.Write, reason);
        if (!IsCopyOf(cell.Source!.Object, mirror))
            return new(Act.Write, Reason.SourceChanged);
        if (!desired.MetadataStandsOn(mirror))
            return new(Act.Write, Reason.Drifted);
        return desired.IsProvenBy(mirror.Ownership, policy.Data) ? new(Act.Keep, Reason.UpToDate) : new(Act.Look, Reason.Drifted);
    }

    private static Intent ByContent(Cell cell, Desired desired, Content content, MirrorPolicy policy, Standing standing)
    {
        var mirror = cell.Mirror!;
        var equal = SameValues(desired, mirror, content, policy.Data);
        if (standing is not Standing.Requesting && mirror.Kind.Frozen is { } frozen && !Same(cell.Source!.Object.Content!, content, frozen))
            return new(Act.Replace, Reason.TypeDiffers, $"{frozen} differs");
        if (!equal && content.IsLocked(mirror.Kind))
            return standing is Standing.Requesting
                ? new(Act.Refuse, Reason.ImmutableMirror, $"{cell.Place} is immutable; delete it to have it filled anew")
                : new(Act.Replace, Reason.ImmutableMirror);
        if (FirstTouch(mirror, standing) is { } reason)
            return new(Act.Write, reason);
        if (!equal || !desired.MetadataStandsOn(mirror))
            return new(Act.Write, IsCopyOf(cell.Source!.Object, mirror) ? Reason.Drifted : Reason.SourceChanged);
        // Equal, but not provably so: owning the fields saves the look next time. Without managed fields there is nothing to own.
        return desired.IsProvenBy(mirror.Ownership, policy.Data) || !mirror.Ownership.Known
            ? new(Act.Keep, Reason.UpToDate)
            : new(Act.Write, Reason.Claimed);
    }

    /// <summary>Why the object becomes a mirror of this source with this write; null where it is one already.</summary>
    private static Reason? FirstTouch(Snapshot mirror, Standing standing) => standing switch
    {
        Standing.Adoptable adoptable => adoptable.Reason,
        Standing.MadeOfAnother => Reason.TakenOver,
        Standing.Requesting asking when mirror.Annotation(Vocabulary.Heliograph.Source) != asking.Request.Source.ToString() => Reason.Requested,
        _ => null,
    };

    private static bool IsCopyOf(Snapshot source, Snapshot mirror) =>
        mirror.Annotation(Vocabulary.Heliograph.SourceUid) == source.Uid && mirror.Annotation(Vocabulary.Heliograph.SourceVersion) == source.ResourceVersion;

    private static bool Same(Content one, Content other, string field)
    {
        var has = one.Fields.TryGetValue(field, out var value);
        return other.Fields.TryGetValue(field, out var otherValue) == has && (!has || JsonElement.DeepEquals(value, otherValue));
    }

    private static bool SameValues(Desired desired, Snapshot mirror, Content content, DataMode data)
    {
        var stands = Desired.ValuesOf(mirror.Kind, content, new MirrorPolicy { Dialect = default });
        return desired.Values!.All(pair => stands.TryGetValue(pair.Key, out var value) && JsonElement.DeepEquals(value, pair.Value))
            && (data == DataMode.Merge ? !desired.StalePaths(mirror, data).Any(stands.ContainsKey) : stands.Count == desired.Values!.Count);
    }
}
