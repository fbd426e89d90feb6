using System.Text.Json.Nodes;
using Heliograph.Rules;

namespace Heliograph.Scenarios.Tests;

/// <summary>One folder of the corpus; see <c>tests/scenarios/README.md</c>.</summary>
internal sealed record Scenario(
    string Name, RuleSettings Settings, IReadOnlyList<JsonObject> Before, IReadOnlyList<JsonObject> Event, string Plan, IReadOnlyList<JsonObject> After)
{
    private static readonly string Corpus = Path.Combine(AppContext.BaseDirectory, "scenarios");

    /// <summary>The names of all scenarios: their folders' paths.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateFiles(Corpus, "plan.txt", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Corpus, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal);

    /// <summary>
    /// With <c>$RECORD_PLANS</c> set to the corpus' folder, writes the plan there, to be read and judged by whoever adds a scenario. The test at hand
    /// still compares with the plan that was on record.
    /// </summary>
    public void Record(string plan)
    {
        if (Environment.GetEnvironmentVariable("RECORD_PLANS") is { Length: > 0 } corpus)
            File.WriteAllText(Path.Combine(corpus, Name, "plan.txt"), plan + "\n");
    }

    public static Scenario Load(string name)
    {
        var folder = Path.Combine(Corpus, name);
        return new Scenario(
            name,
            SettingsOf(Yaml.Read(Path.Combine(folder, "settings.yaml"))),
            Yaml.Read(Path.Combine(folder, "before.yaml")),
            Yaml.Read(Path.Combine(folder, "event.yaml")),
            File.ReadAllText(Path.Combine(folder, "plan.txt")).Trim(),
            Yaml.Read(Path.Combine(folder, "after.yaml")));
    }

    /// <summary>Settings under the names that a user writes.</summary>
    private static RuleSettings SettingsOf(IReadOnlyList<JsonObject> documents) => documents.SelectMany(document => document).Aggregate(new RuleSettings(), (settings, pair) =>
    {
        var value = pair.Value!.GetValue<string>();
        return pair.Key switch
        {
            "Replication__ExcludedSourceNamespaces" => settings with { ExcludedSourceNamespaces = GlobList.Parse(value) },
            "Replication__ExcludedTargetNamespaces" => settings with { ExcludedTargetNamespaces = PatternList.Parse(value, out _) },
            "Replication__OnRelease" => settings with { OnRelease = Enum.Parse<OnRelease>(value, ignoreCase: true) },
            "Replication__AllowAll" => settings with { AllowAll = bool.Parse(value) },
            _ => throw new FormatException($"scenarios have no setting {pair.Key}"),
        };
    });
}
