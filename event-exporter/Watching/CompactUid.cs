namespace Heliograph.Watching;

/// <summary>A UID in 16 bytes where it has the usual form, which takes a sixth of the text. Any other text is kept as it is.</summary>
internal readonly record struct CompactUid
{
    private readonly Guid value;
    private readonly string? text;

    public CompactUid(string uid)
    {
        if (!Guid.TryParseExact(uid, "D", out value) || value.ToString() != uid)
            text = uid;
    }

    public override string ToString() => text ?? value.ToString();
}
