using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Heliograph.Rules;

/// <summary>A comma list of globs: <c>*</c> stands for any characters, <c>?</c> for one, everything else for itself. Items are trimmed; case does not matter.</summary>
public sealed class GlobList
{
    private readonly string text;
    private readonly ImmutableArray<string> globs;

    private GlobList(string text, ImmutableArray<string> globs)
    {
        this.text = text;
        this.globs = globs;
    }

    /// <summary>Matches nothing.</summary>
    public static GlobList Empty { get; } = new("", []);

    /// <summary>Reads a list; every text is one.</summary>
    public static GlobList Parse(string text) => new(
        text,
        // The matcher knows the backslash as an escape; here it is a character like any other.
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(glob => glob.Replace("\\", "\\\\", StringComparison.Ordinal))]);

    /// <summary>Whether any glob matches the whole name.</summary>
    public bool Matches(string name)
    {
        foreach (var glob in globs)
        {
            if (FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: true))
                return true;
        }
        return false;
    }

    /// <summary>The list as it was written.</summary>
    public override string ToString() => text;
}
