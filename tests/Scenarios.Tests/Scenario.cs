using System.Text.Json.Nodes;
using Heliograph.Engine;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Scenarios.Tests;

/// <summary>One folder of the corpus; see <c>tests/scenarios/README.md</c>.</summary>
internal sealed record Scenario(
    string Name, EngineSettings Settings, IReadOnlyList<JsonObject> Before, IReadOnlyList<JsonObject> Event, string Plan, IReadOnlyList<JsonObject> After)
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
    private static EngineSettings SettingsOf(IReadOnlyList<JsonObject> documents)
    {
        var (rules, inheritance, inherits) = (new RuleSettings(), new InheritanceSettings { ExcludedNamespaces = Patterns("kube-.*,heliograph") }, false);
        foreach (var (key, node) in documents.SelectMany(document => document))
        {
            var value = node!.GetValue<string>();
            (rules, inheritance) = key switch
            {
                "Replication__ExcludedSourceNamespaces" => (rules with { ExcludedSourceNamespaces = GlobList.Parse(value) }, inheritance),
                "Replication__ExcludedTargetNamespaces" => (rules with { ExcludedTargetNamespaces = Patterns(value) }, inheritance),
                "Replication__OnRelease" => (rules with { OnRelease = Enum.Parse<OnRelease>(value, ignoreCase: true) }, inheritance),
                "Replication__AllowAll" => (rules with { AllowAll = bool.Parse(value) }, inheritance),
                "Inheritance__Enabled" => (rules, inheritance),
                "Inheritance__TrustChildren" => (rules, inheritance with { TrustChildren = bool.Parse(value) }),
                "Inheritance__ManagedLabels" => (rules, inheritance with { ManagedLabels = Patterns(value) }),
                _ => throw new FormatException($"scenarios have no setting {key}"),
            };
            inherits |= key == "Inheritance__Enabled" && bool.Parse(value);
        }
        return new EngineSettings { Kinds = ServedKinds.All, Rules = rules, Inheritance = inherits ? inheritance : null };
    }

    private static PatternList? Patterns(string value) => PatternList.Parse(value, out _);
}
