using Heliograph.Exporter;
using Heliograph.Functions;
using Heliograph.Hosting;
using Heliograph.Standalone;

namespace Heliograph.Dev.Processes;

/// <summary>The settings that <c>--set</c> takes: those of both programs, by their environment names, and .NET's for logging.</summary>
internal static class ProgramSettings
{
    private const string Logging = "Logging__";

    private static IEnumerable<Setting> Known =>
        FunctionsSettings.All.Concat(QueueFunction.All).Concat(ExporterSettings.All).DistinctBy(setting => setting.Name).OrderBy(setting => setting.Name, StringComparer.Ordinal);

    /// <summary>Reads <c>Setting=Value</c> pairs.</summary>
    /// <exception cref="UserMistakeException">A pair has another form, or there is no such setting.</exception>
    public static IReadOnlyDictionary<string, string> Read(IEnumerable<string> pairs)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in pairs)
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
                throw new UserMistakeException($"--set {pair}: it must be Setting=Value, such as --set Replication__Kinds=Secret");
            var name = pair[..split].Trim().Replace(":", "__", StringComparison.Ordinal);
            settings[Spelled(name)] = pair[(split + 1)..];
        }
        return settings;
    }

    private static string Spelled(string name) =>
        name.StartsWith(Logging, StringComparison.OrdinalIgnoreCase)
            ? name
            : Known.FirstOrDefault(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name
                ?? throw new UserMistakeException(
                    $"--set {name}: there is no such setting. There are\n{string.Join('\n', Known.Select(Describe))}\n"
                    + $"  {Logging}LogLevel__Default (.NET's own: Trace, Debug, Information, Warning, Error)");

    private static string Describe(Setting setting) => $"  {setting.Name}: {setting.Meaning} Default: {setting.Default}.";
}
