using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Whose the object at a place is, seen from one source. Only what is ours is ever changed.</summary>
public abstract record Standing
{
    private Standing()
    {
    }

    /// <summary>Nothing stands there.</summary>
    public sealed record Nothing : Standing;

    /// <summary>A mirror that we made of this source.</summary>
    public sealed record Made : Standing;

    /// <summary>The user's own object, which asks to be filled from this source.</summary>
    public sealed record Requesting(PullRequest Request) : Standing;

    /// <summary>An object that asks to be filled in words that cannot be read. It is left as it is, whoever made it.</summary>
    /// <param name="Fault">What is wrong with the words.</param>
    /// <param name="IsMade">Whether we made it of this source before.</param>
    public sealed record Unreadable(Fault Fault, bool IsMade) : Standing;

    /// <summary>The user's own object, filled before, that asks no more.</summary>
    public sealed record Withdrawn : Standing;

    /// <summary>Not made by us, but to be ours: made by a peer of this source, consented to, or holding nothing.</summary>
    /// <param name="Reason">Which of these.</param>
    /// <param name="NamesSource">Whether the object itself names this source, as Reflector's mirrors do.</param>
    public sealed record Adoptable(Reason Reason, bool NamesSource = false) : Standing;

    /// <summary>A mirror that we made of another source. Who has the better right is decided between the sources.</summary>
    public sealed record MadeOfAnother(ResourceRef Source) : Standing;

    /// <summary>Tied to another source by somebody else: it asks to be filled from it, or a peer made it of it.</summary>
    public sealed record TiedToAnother(ResourceRef Source) : Standing;

    /// <summary>Somebody else's object.</summary>
    /// <param name="MayBeEmpty">Whether it may turn out to hold nothing once its payload is read.</param>
    public sealed record Foreign(bool MayBeEmpty) : Standing;

    /// <summary>Tells whose the object is.</summary>
    /// <param name="source">The source from which one looks.</param>
    /// <param name="mirror">The object; null where there is none.</param>
    public static Standing Of(ResourceRef source, Snapshot? mirror)
    {
        if (mirror is null)
            return new Nothing();
        var made = Bookkeeping.MadeOf(mirror);
        if (Dialects.ReadRequest(mirror, out var fault) is { } request)
            return request.Source == source ? new Requesting(request) : new TiedToAnother(request.Source);
        if (fault is not null)
            return new Unreadable(fault, IsMade: made == source);
        if (made is { } other)
            return other == source ? new Made() : new MadeOfAnother(other);
        if (Bookkeeping.IsFilledOnRequest(mirror))
            return Consents(mirror) ? new Adoptable(Reason.Consented) : new Withdrawn();
        return OfUnclaimed(source, mirror);
    }

    private static Standing OfUnclaimed(ResourceRef source, Snapshot mirror)
    {
        var annotations = new AnnotationReader(mirror);
        var claimed = Dialects.ReadPeerClaim(mirror);
        if (claimed == source)
            return new Adoptable(Reason.PeerMirror, NamesSource: true);
        if (Consents(mirror))
            return new Adoptable(Reason.Consented);
        if (claimed is { } other)
            return new TiedToAnother(other);
        if (ReplicatorDialect.IsPeerMirror(annotations) && mirror.Name == source.Name)
            return new Adoptable(Reason.PeerMirror);
        // Where there is more to an object than what we copy, holding nothing of that does not make it empty. And a source is never written.
        if (!mirror.Kind.WrittenWhole || Dialects.ReadSource(mirror).IsSource)
            return new Foreign(MayBeEmpty: false);
        if (mirror.Content is { } content)
            return content.HoldsNothing(mirror.Kind) ? new Adoptable(Reason.Empty) : new Foreign(MayBeEmpty: false);
        return new Foreign(MayBeEmpty: !mirror.Ownership.Known || mirror.Ownership.CopiedPaths.IsEmpty);
    }

    /// <summary>Whether an object consents to being made a mirror.</summary>
    public static bool Consents(Snapshot mirror) => HeliographDialect.Consents(new AnnotationReader(mirror));
}
