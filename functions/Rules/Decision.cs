using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>The whole policy: one cell in, one intent out.</summary>
public static class Decision
{
    /// <summary>
    /// Decides what is to be done in a cell. Pure and total: the same cell always yields the same intent. Whoever gathered the cell has read the
    /// source of which the object at the place says it is a mirror, and lists it among the rivals if it wants the place.
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
            // The fault itself is told once, on the object that bears it; here only what it freezes.
            Wish.Frozen frozen => new(standing is Standing.Made or Standing.Requesting ? Act.Refuse : Act.Keep, Reason.Invalid, frozen.Detail),
            Wish.Denied denied => new(Act.Refuse, denied.Reason, denied.Detail),
            Wish.Nothing nothing => Unwanted(cell, nothing, standing),
            Wish.Pull pull => Freshness.Judge(cell, pull.Policy, standing),
            Wish.Push push => Pushed(cell, push.Rule.Policy, standing),
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
        Standing.Made when !cell.Rivals.IsEmpty => new(Act.Keep, Reason.HandedOver),
        Standing.Made or Standing.Adoptable { Reason: Reason.PeerMirror, NamesSource: true } =>
            new(ReleaseOf(cell) == OnRelease.Keep ? Act.Release : Act.Remove, wish.Reason, wish.Detail),
        Standing.Requesting { Request.Policy.Data: DataMode.Merge } asking when Bookkeeping.CopiedKeys(cell.Mirror!) is not null =>
            new(Act.Remove, wish.Reason, wish.Detail) { OnRequest = true, Policy = asking.Request.Policy },
        Standing.Requesting => new(Act.Refuse, wish.Reason, wish.Detail) { OnRequest = true },
        Standing.Withdrawn => new(Act.Keep, Reason.RequestWithdrawn),
        // The source asks for a mirror that it does not get. While it is being deleted, nobody waits for one.
        _ when wish.Reason is Reason.NotAccepted or Reason.NeverASource && !cell.Source!.Object.Deleting => new(Act.Refuse, wish.Reason, wish.Detail),
        _ => new(Act.Keep, wish.Reason == Reason.NoLongerSelected ? Reason.NotSelected : wish.Reason, wish.Detail),
    };

    private static Intent Pushed(Cell cell, MirrorPolicy policy, Standing standing) => standing switch
    {
        Standing.TiedToAnother other => Conflict($"{cell.Place} belongs to {other.Source}"),
        Standing.Foreign { MayBeEmpty: true } => new(Act.Look, Reason.Conflict),
        Standing.Foreign or Standing.Withdrawn =>
            Conflict($"{cell.Place} exists and is not a mirror; delete it, or annotate it with {Vocabulary.Heliograph.Adopt}: \"true\""),
        _ when cell.Rivals.FirstOrDefault(rival => rival.Precedes(cell.Source!)) is { } winner =>
            Conflict($"{winner.Ref} is older and has the place {cell.Place}"),
        Standing.Nothing => new(Act.Write, Reason.Missing) { Policy = policy },
        _ => Freshness.Judge(cell, policy, standing),
    };

    /// <summary>The source's word, or — when the source is gone — the word it left on the mirror, or the operator's.</summary>
    private static OnRelease ReleaseOf(Cell cell) =>
        cell.Source?.Specification.OnRelease
        ?? (cell.Mirror!.Annotation(Vocabulary.Heliograph.OnRelease) == "keep" ? OnRelease.Keep : cell.Settings.OnRelease);

    private static Intent Conflict(string detail) => new(Act.Refuse, Reason.Conflict, detail);
}
