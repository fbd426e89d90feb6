using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Heliograph.Exporter;
using Heliograph.Functions;
using Heliograph.Hosting;
using Heliograph.Standalone;

namespace Heliograph.Dev.Docs;

/// <summary>The reference of settings, from the <see cref="Setting"/> records that the programs read by.</summary>
internal static class SettingsPage
{
    public static string Write()
    {
        var text = new StringBuilder(Page.Notice);
        text.Append(
            """
            # Settings

            Every setting is an environment variable of the name below. On a program's command line it is `--Section:Key=value`; with `./dev run` and
            `./dev up` it is `--set Section__Key=value`. All of them are read and checked at the start: what is wrong is said, all of it at once, with the
            setting's name, and the program does not start.

            Logging is .NET's own: `Logging__LogLevel__Default` is `Trace`, `Debug`, `Information`, `Warning` or `Error`. `Logging__Format=json` writes lines for collectors; what is
            wrong with the settings themselves is text.

            ## Both programs

            Which kinds are served must be told to the exporter and to the functions alike, and where a storage queue lies between them, which one and how
            it is entered.


            """);
        ImmutableArray<Setting> ofFunctions = [.. FunctionsSettings.All, .. QueueFunction.All];
        var functions = Names(ofFunctions);
        Append(text, ExporterSettings.All.Where(setting => functions.Contains(setting.Name)));
        text.Append("\n## The functions\n\n");
        Append(text, ofFunctions.Where(setting => !Names(ExporterSettings.All).Contains(setting.Name)));
        text.Append("\n## The exporter\n\n");
        Append(text, ExporterSettings.All.Where(setting => !functions.Contains(setting.Name)));
        return text.ToString();
    }

    private static HashSet<string> Names(IEnumerable<Setting> settings) => settings.Select(setting => setting.Name).ToHashSet(StringComparer.Ordinal);

    private static void Append(StringBuilder text, IEnumerable<Setting> settings)
    {
        text.Append("| setting | what it decides | default |\n|---|---|---|\n");
        foreach (var setting in settings.OrderBy(setting => setting.Name, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | {Cell(setting.Meaning)} | {Cell(setting.Default)} |\n");
    }

    /// <summary>Bars would end the cell, asterisks would be emphasis, and angle brackets are taken for tags.</summary>
    private static string Cell(string text) => text
        .Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
