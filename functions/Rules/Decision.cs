using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>The whole policy: one cell in, one intent out.</summary>
public static class Decision
{
    /// <summary>
    /// Decides what is to be done in a cell. Pure and total: the same cell always yields the same intent. Whoever gathered the cell has read the
    /// source of which the object at the place says it is a mirror, and lists it among the rivals if it wants, or may want, the place.
    /// </summary>
    public static Intent Decide(Cell cell)
    {
        if (cell.Place == cell.SourceRef)
            return new(Act.Keep, Reason.IsSource);
        if (cell.Namespace is null)
            return new(Act.Keep, Reason.NamespaceMissing);
        if (cell.Namespace.Deleting)
            return new(Act.Keep, Reason.NamespaceTerminating);
        if (cell.Mirror is { Deleting: true })
            return new(Act.Keep, Reason.MirrorTerminating);
        var standing = Standing.Of(cell.SourceRef, cell.Mirror);
        return WishOf(cell, standing) switch
        {
            Wish.Nothing nothing => Unwanted(cell, nothing, standing),
            _ when standing is Standing.Unreadable unreadable => Frozen(unreadable.Fault.ToString(), standing),
            Wish.Frozen frozen => Frozen(frozen.Detail, standing),
            Wish.Denied denied => new(Act.Refuse, denied.Reason, denied.Detail),
            Wish.Pull pull => Freshness.Judge(cell, pull.Policy, standing),
            Wish.Push push => Pushed(cell, push.Rule, standing),
            var wish => throw new InvalidOperationException($"no rule for {wish}"),
        };
    }

    private static Wish WishOf(Cell cell, Standing standing)
    {
        if (cell.Source is null)
            return new Wish.Nothing(Reason.SourceGone, $"{cell.SourceRef} does not exist");
        var cycle = cell.Upstream.Contains(cell.Place) ? $"{cell.Place} is filled from {cell.SourceRef}, which is itself filled from it" : null;
        return Wish.Of(cell.Source, cell.Place, cell.Namespace!, (standing as Standing.Requesting)?.Request, cycle, cell.Settings);
    }

    private static Intent Unwanted(Cell cell, Wish.Nothing wish, Standing standing) => standing switch
    {
        Standing.Made when cell.Rivals.Any(rival => WishOfRival(cell, rival) is Wish.Push) => new(Act.Keep, Reason.HandedOver),
        Standing.Made or Standing.Adoptable { Reason: Reason.PeerMirror, NamesSource: true } when WhyPaused(cell) is { } pause => new(Act.Keep, Reason.Paused, pause),
        Standing.Made or Standing.Adoptable { Reason: Reason.PeerMirror, NamesSource: true } => LetGo(cell, wish),
        Standing.Requesting asking => Removal.OfRequesting(cell.Mirror!, asking.Request, wish),
        Standing.Withdrawn => new(Act.Keep, Reason.RequestWithdrawn),
        Standing.Unreadable { IsMade: true } unreadable => Frozen(unreadable.Fault.ToString(), standing),
        // The source asks for a mirror that it does not get. While it is being deleted, nobody waits for one.
        _ when wish.Reason is Reason.NotAccepted or Reason.NeverASource && !cell.Source!.Object.Deleting => new(Act.Refuse, wish.Reason, wish.Detail),
        _ => new(Act.Keep, wish.Reason == Reason.NoLongerSelected ? Reason.NotSelected : wish.Reason, wish.Detail),
    };

    private static Intent Pushed(Cell cell, PushRule rule, Standing standing) => standing switch
    {
        Standing.TiedToAnother other => Conflict($"{cell.Place} belongs to {other.Source}"),
        Standing.MadeOfAnother other when FreezeOf(cell, other.Source) is { } frozen => Frozen($"{cell.Place} is a mirror of {other.Source}, whose rules cannot be read: {frozen}", standing),
        Standing.Foreign { MayBeEmpty: true } => new(Act.Look, Reason.Conflict),
        Standing.Foreign or Standing.Withdrawn =>
            Conflict($"{cell.Place} exists and is not a mirror; delete it, or annotate it with {Vocabulary.Heliograph.Adopt}: \"true\""),
        _ when FirstPreceding(cell, rule) is { } winner => Conflict($"{winner} and has the place {cell.Place}"),
        Standing.Nothing => Freshness.Missing(cell, rule.Policy),
        _ => Freshness.Judge(cell, rule.Policy, standing),
    };

    /// <summary>A rival that has the better right to the place, and why, as the beginning of a sentence; null where there is none.</summary>
    private static string? FirstPreceding(Cell cell, PushRule rule)
    {
        foreach (var rival in cell.Rivals)
        {
            if (WishOfRival(cell, rival) is Wish.Push push && Precedence.Of(rival, push.Rule, cell.Source!, rule, cell.Namespace!) is { } why)
                return $"{rival.Ref} {why}";
        }
        return null;
    }

    /// <summary>
    /// Why an inherited copy that nobody wants stays: it stands in a part of the tree where nothing is done at present, or copies of its kind are left alone.
    /// </summary>
    private static string? WhyPaused(Cell cell) =>
        !Bookkeeping.IsInherited(cell.Mirror!, cell.SourceRef) ? null
        : cell.Settings.Hierarchy is { } hierarchy ? hierarchy.WhyPaused(cell.Place)
        : "inheritance is off (setting Inheritance__Enabled)";

    /// <summary>What becomes of a mirror that we, or a peer, made and that is not wanted any more.</summary>
    private static Intent LetGo(Cell cell, Wish.Nothing wish)
    {
        if (cell.Source?.Specification.OnReleaseFault is { } fault)
            return Frozen(fault.ToString(), new Standing.Made());
        return ReleaseOf(cell) == OnRelease.Keep ? new(Act.Release, wish.Reason, wish.Detail) : Removal.OfMade(cell.Mirror!, wish);
    }

    /// <summary>The source's word, or — when the source is gone — the word it left on the mirror, or the operator's.</summary>
    private static OnRelease ReleaseOf(Cell cell) =>
        cell.Source is { } source ? source.Specification.OnRelease ?? cell.Settings.OnRelease : cell.Mirror!.Annotation(Vocabulary.Heliograph.OnRelease)?.Trim() switch
        {
            "keep" => OnRelease.Keep,
            "delete" => OnRelease.Delete,
            _ => cell.Settings.OnRelease,
        };

    /// <summary>Why the source of a mirror cannot say whether it still wants it; null where it can.</summary>
    private static string? FreezeOf(Cell cell, ResourceRef owner)
    {
        foreach (var rival in cell.Rivals)
        {
            if (rival.Ref == owner && WishOfRival(cell, rival) is Wish.Frozen frozen)
                return frozen.Detail;
        }
        return null;
    }

    private static Wish WishOfRival(Cell cell, SourceView rival) => Wish.Of(rival, cell.Place, cell.Namespace!, request: null, cycle: null, cell.Settings);

    /// <summary>The fault itself is told once, on the object that bears it; here only what it freezes.</summary>
    private static Intent Frozen(string detail, Standing standing) =>
        new(standing is Standing.Made or Standing.MadeOfAnother or Standing.Requesting or Standing.Unreadable ? Act.Refuse : Act.Keep, Reason.Invalid, detail);

    private static Intent Conflict(string detail) => new(Act.Refuse, Reason.Conflict, detail);
}
