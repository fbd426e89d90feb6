namespace Heliograph.Hosting;

/// <summary>One setting: what the reference documentation says of it is made from this.</summary>
/// <param name="Name">The name as an environment variable, <c>Section__Key</c>; on a command line it is <c>--Section:Key</c>.</param>
/// <param name="Meaning">What it decides, with its unit, in a sentence.</param>
/// <param name="Default">What holds where it is not set, as text.</param>
public sealed record Setting(string Name, string Meaning, string Default)
{
    /// <summary>The name in .NET's configuration.</summary>
    public string Key => Name.Replace("__", ":", StringComparison.Ordinal);
}
