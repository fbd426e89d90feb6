namespace Heliograph.Rules;

/// <summary>What a rule says of a name. A rule that cannot be evaluated is no refusal: nothing may be deleted because of it.</summary>
public enum Verdict
{
    /// <summary>It does not hold.</summary>
    No,

    /// <summary>It holds.</summary>
    Yes,

    /// <summary>It cannot be told, for example because a pattern takes too long.</summary>
    Unknown,
}
