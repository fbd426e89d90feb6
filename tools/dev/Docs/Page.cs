namespace Heliograph.Dev.Docs;

/// <summary>A page of the documentation that follows from the code, so that neither can say what the other does not.</summary>
/// <param name="File">Its file in <c>docs</c>.</param>
/// <param name="Text">What it must hold.</param>
internal sealed record Page(string File, string Text)
{
    /// <summary>What stands at the head of each.</summary>
    public const string Notice = "<!-- Made from the code by ./dev docs. Change the code, not this file. -->\n";

    /// <summary>Every one.</summary>
    public static IReadOnlyList<Page> All => [new("settings.md", SettingsPage.Write()), new("reasons.md", ReasonsPage.Write())];

    /// <summary>Whether the file says what the code says.</summary>
    public bool IsCurrent => System.IO.File.Exists(Path) && System.IO.File.ReadAllText(Path) == Text;

    /// <summary>Where it is in the working tree.</summary>
    public string Path => Repository.At("docs", File);

    /// <summary>Makes the file say what the code says.</summary>
    public void Save() => System.IO.File.WriteAllText(Path, Text);
}
