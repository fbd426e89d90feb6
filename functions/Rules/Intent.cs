namespace Heliograph.Rules;

/// <summary>What is to be done in one cell of the matrix.</summary>
public enum Act
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>The metadata does not tell: read the mirror's payload, and the source's where that is not read, and decide again.</summary>
    Look,

    /// <summary>Make or change the mirror.</summary>
    Write,

    /// <summary>Delete the mirror and make it anew, because what differs cannot be changed.</summary>
    Replace,

    /// <summary>Delete the mirror, or take only our keys out of it where it holds keys of others.</summary>
    Remove,

    /// <summary>Leave the mirror, and take our ownership off it.</summary>
    Release,

    /// <summary>Do nothing and tell why: somebody wants a mirror here and does not get it.</summary>
    Refuse,
}

/// <summary>Why. The words are part of the product: they are printed, counted, and written into Kubernetes Events.</summary>
public enum Reason
{
    /// <summary>The mirror is as it should be.</summary>
    UpToDate,

    /// <summary>The source does not select the namespace, and nothing of ours is there.</summary>
    NotSelected,

    /// <summary>The place is the source itself, which is never written.</summary>
    IsSource,

    /// <summary>There is no such namespace.</summary>
    NamespaceMissing,

    /// <summary>The namespace is being deleted.</summary>
    NamespaceTerminating,

    /// <summary>The mirror is being deleted; its deletion will be seen.</summary>
    MirrorTerminating,

    /// <summary>Another source takes the place over.</summary>
    HandedOver,

    /// <summary>The mirror was filled on request, and the request is gone: it is nobody's now.</summary>
    RequestWithdrawn,

    /// <summary>
    /// The mirror was inherited, and nothing is done to such mirrors at present: the namespace's part of the tree is halted, its kind is not inherited any
    /// more, or inheritance is off.
    /// </summary>
    Paused,

    /// <summary>There is no mirror yet.</summary>
    Missing,

    /// <summary>The source changed since the copy was made.</summary>
    SourceChanged,

    /// <summary>Somebody changed what we had written.</summary>
    Drifted,

    /// <summary>A mirror that a peer made from this source becomes ours.</summary>
    PeerMirror,

    /// <summary>An object becomes a mirror by its owner's consent (<c>heliograph.dev/adopt</c>).</summary>
    Consented,

    /// <summary>An object that holds nothing becomes a mirror.</summary>
    Empty,

    /// <summary>An object asks to be filled for the first time.</summary>
    Requested,

    /// <summary>The mirror's content is right, but others own its fields; we become their owner so that drift can be seen.</summary>
    Claimed,

    /// <summary>The place was another source's, which does not want it any more or has to give way.</summary>
    TakenOver,

    /// <summary>The mirror's type differs from the source's and cannot be changed.</summary>
    TypeDiffers,

    /// <summary>The mirror is immutable and differs.</summary>
    ImmutableMirror,

    /// <summary>The source is gone.</summary>
    SourceGone,

    /// <summary>The source's rules do not select the namespace any more.</summary>
    NoLongerSelected,

    /// <summary>There is an object of that name that is not ours, or another source has the better right.</summary>
    Conflict,

    /// <summary>The source does not permit this namespace to pull.</summary>
    NotPermitted,

    /// <summary>The namespace does not accept pushes of this source.</summary>
    NotAccepted,

    /// <summary>This kind of object is never a source.</summary>
    NeverASource,

    /// <summary>Mirrors request each other in a circle.</summary>
    Cycle,

    /// <summary>The mirror's type requires a key that should leave it, or that it would not get.</summary>
    KeysRequired,

    /// <summary>An annotation cannot be read; what stands stays as it is.</summary>
    Invalid,

    /// <summary>The mirror is made, but lacks something that was asked for and would not be valid there, such as an owner reference.</summary>
    Incomplete,

    /// <summary>
    /// A deleted anchor and its subnamespace stay, because other subnamespaces would go with it, and neither it nor an ancestor allows cascading deletion.
    /// </summary>
    Held,

    /// <summary>The API server refuses what was to be done, for example for want of RBAC, and would refuse it again.</summary>
    Refused,
}

/// <summary>The decision for one cell.</summary>
/// <param name="Act">What is to be done.</param>
/// <param name="Reason">Why, as a word.</param>
/// <param name="Detail">Why, in a sentence that names annotation, pattern, label or object; empty where the word says it all.</param>
public sealed record Intent(Act Act, Reason Reason, string Detail = "")
{
    /// <summary>How the mirror is made; set for <see cref="Act.Write"/>, <see cref="Act.Replace"/> and what is kept as a mirror.</summary>
    public MirrorPolicy? Policy { get; init; }

    /// <summary>What a person should be told although it changes nothing about the decision; empty for nothing. Not part of the mirror's state.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether the mirror is the user's own object, filled on request, rather than one that we made.</summary>
    public bool OnRequest { get; init; }

    /// <summary>Whether carrying it out changes the cluster.</summary>
    public bool Changes => Act is Act.Write or Act.Replace or Act.Remove or Act.Release;

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = Detail.Length == 0 ? $"{Act} ({Reason})" : $"{Act} ({Reason}: {Detail})";
        return Note.Length == 0 ? text : $"{text}; {Note}";
    }
}
