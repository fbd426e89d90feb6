using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Whether a mirror that is wanted is as it should be. Metadata decides where it can; else the payload is asked for.</summary>
internal static class Freshness
{
    /// <summary>Judges a place at which there is nothing yet.</summary>
    public static Intent Missing(Cell cell, MirrorPolicy policy) => TypeDemands.Judge(cell, cell.Source!.Desired(policy, onRequest: false), onRequest: false) ?? new(Act.Write, Reason.Missing)
    {
        Policy = policy,
        Note = OwnerReferences.NoteOf(cell.Source!.Object, policy, cell.Place.Namespace),
    };

    /// <summary>Judges a mirror that is or becomes ours.</summary>
    public static Intent Judge(Cell cell, MirrorPolicy policy, Standing standing)
    {
        var onRequest = standing is Standing.Requesting;
        var desired = cell.Source!.Desired(policy, onRequest);
        var act = cell.Mirror!.Content is { } content && desired.Values is not null
            ? ByContent(cell, desired, content, standing)
            : ByMetadata(cell, desired, standing);
        return act with { Policy = policy, OnRequest = onRequest, Note = OwnerReferences.NoteOf(cell.Source.Object, policy, cell.Place.Namespace) };
    }

    private static Intent ByMetadata(Cell cell, Desired desired, Standing standing)
    {
        var mirror = cell.Mirror!;
        var source = cell.Source!.Object;
        if (FirstTouch(mirror, standing) is { } reason)
            // What the user's own object holds must be known before it is replaced by something else.
            return new(standing is Standing.Requesting || !mirror.Ownership.Known || desired.IsMergedDeeply ? Act.Look : Act.Write, reason);
        if (!IsCopyOf(source, mirror))
            return new(mirror.Ownership.Known && !desired.IsMergedDeeply ? Act.Write : Act.Look, Reason.SourceChanged);
        if (!desired.IsProvenBy(mirror.Ownership))
            return new(Act.Look, Reason.Drifted);
        if (MetadataStands(cell, desired))
            return desired.Owns(mirror.Ownership) ? new(Act.Keep, Reason.UpToDate) : new(Act.Look, Reason.Claimed);
        // Where the source's keys were not read, the bookkeeping about them is a guess, which must not make a write.
        return new(desired.Values is null || desired.IsMergedDeeply ? Act.Look : Act.Write, Reason.Drifted);
    }

    private static Intent ByContent(Cell cell, Desired desired, Content content, Standing standing)
    {
        var mirror = cell.Mirror!;
        var equal = desired.EqualsContent(mirror, content);
        if (standing is not Standing.Requesting && mirror.Kind.Frozen is { } frozen && !Same(cell.Source!.Object.Content!, content, frozen))
            return Anew(cell, desired, Reason.TypeDiffers, $"its {frozen} is not the source's and cannot be changed");
        if (!equal && content.IsLocked(mirror.Kind))
            return standing is Standing.Requesting
                ? new(Act.Refuse, Reason.ImmutableMirror, $"{cell.Place} is immutable; delete it to have it filled anew")
                : Anew(cell, desired, Reason.ImmutableMirror, $"it is immutable and differs");
        if (!equal && TypeDemands.Judge(cell, desired, standing is Standing.Requesting) is { } refused)
            return refused;
        if (FirstTouch(mirror, standing) is { } reason)
            return new(Act.Write, reason);
        if (!equal || !MetadataStands(cell, desired))
            return new(Act.Write, IsCopyOf(cell.Source!.Object, mirror) ? Reason.Drifted : Reason.SourceChanged);
        // Equal, but not ours: owning the fields saves the look next time. Without managed fields there is nothing to own.
        return desired.Owns(mirror.Ownership) || !mirror.Ownership.Known
            ? new(Act.Keep, Reason.UpToDate)
            : new(Act.Write, Reason.Claimed);
    }

    /// <summary>What cannot be changed is deleted and made anew, unless keys of others would go with it.</summary>
    private static Intent Anew(Cell cell, Desired desired, Reason reason, string why)
    {
        if (desired.Policy.Data == DataMode.Merge && Removal.ForeignPaths(cell.Mirror!, desired.CopiedPaths) is { IsEmpty: false } foreign)
            return new(Act.Refuse, reason, $"{cell.Place}: {why}, and it is not made anew because it has keys of others: {string.Join(", ", foreign)}");
        return new(Act.Replace, reason, why);
    }

    /// <summary>Why the object becomes a mirror of this source with this write; null where it is one already.</summary>
    private static Reason? FirstTouch(Snapshot mirror, Standing standing) => standing switch
    {
        Standing.Adoptable adoptable => adoptable.Reason,
        Standing.MadeOfAnother => Reason.TakenOver,
        Standing.Requesting asking when mirror.Annotation(Vocabulary.Heliograph.Source) != asking.Request.Source.ToString() => Reason.Requested,
        _ => null,
    };

    private static bool MetadataStands(Cell cell, Desired desired) =>
        desired.MetadataStandsOn(cell.Mirror!)
        && (!desired.Policy.KeepOwnerReferences
            || OwnerReferences.StandOn(cell.Mirror!, OwnerReferences.Of(cell.Source!.Object, desired.Policy, cell.Place.Namespace)));

    private static bool IsCopyOf(Snapshot source, Snapshot mirror) =>
        mirror.Annotation(Vocabulary.Heliograph.SourceUid) == source.Uid && mirror.Annotation(Vocabulary.Heliograph.SourceVersion) == source.ResourceVersion;

    private static bool Same(Content one, Content other, string field)
    {
        var has = one.Fields.TryGetValue(field, out var value);
        return other.Fields.TryGetValue(field, out var otherValue) == has && (!has || JsonElement.DeepEquals(value, otherValue));
    }
}
