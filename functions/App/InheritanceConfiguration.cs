using System.Collections.Frozen;
using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Functions;

/// <summary>The settings of inheritance; HNC's flags in this project's words.</summary>
internal static class InheritanceConfiguration
{
    private const string ExcludedByDefault = "kube-system,kube-public,kube-node-lease,hnc-system,heliograph";
    private const string AnExpressionList = "a comma list of regular expressions";

    public static readonly Setting TrustChildren = new(
        "Inheritance__TrustChildren",
        "Whether a namespace's word alone makes it a child of another, as in HNC. Else the parent must accept it, by heliograph.dev/accept-children or by its anchor.", "false");

    public static readonly Setting Excluded = new(
        "Inheritance__ExcludedNamespaces", "Namespaces that have no place in any tree: a comma list of anchored regular expressions.", ExcludedByDefault);

    public static readonly Setting ManagedLabels = new(
        "Inheritance__ManagedLabels", "Which labels HierarchyConfigurations and anchors may set on namespaces: a comma list of anchored regular expressions.", "none");

    public static readonly Setting ManagedAnnotations = new(
        "Inheritance__ManagedAnnotations", "Which annotations they may set: a comma list of anchored regular expressions.", "none");

    public static readonly Setting UnpropagatedLabels = new(
        "Inheritance__UnpropagatedLabels", "Labels, a comma list, that inherited copies do not take from their source.", "none");

    public static readonly Setting UnpropagatedAnnotations = new(
        "Inheritance__UnpropagatedAnnotations", "Annotations, a comma list, that inherited copies do not take from their source.", "none");

    public static readonly Setting NoPropagationLabels = new(
        "Inheritance__NoPropagationLabels", "Labels, a comma list of key=value, of objects that are not inherited because others make them everywhere.", "cattle.io/creator=norman");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } =
        [KindSettings.Inheritance, TrustChildren, Excluded, ManagedLabels, ManagedAnnotations, UnpropagatedLabels, UnpropagatedAnnotations, NoPropagationLabels];

    /// <summary>Reads them; null where inheritance is off.</summary>
    public static InheritanceSettings? Read(SettingsReader settings)
    {
        var read = new InheritanceSettings
        {
            TrustChildren = settings.Boolean(TrustChildren, absent: false),
            ExcludedNamespaces = Patterns(settings, Excluded) ?? PatternList.Parse(ExcludedByDefault, out _),
            ManagedLabels = Patterns(settings, ManagedLabels),
            ManagedAnnotations = Patterns(settings, ManagedAnnotations),
            UnpropagatedLabels = Keys(settings, UnpropagatedLabels),
            UnpropagatedAnnotations = Keys(settings, UnpropagatedAnnotations),
            NoPropagationLabels = settings.Value<ImmutableArray<KeyValuePair<string, string>>>(NoPropagationLabels, IsLabels, "a comma list of key=value", [new("cattle.io/creator", "norman")]),
        };
        return settings.Boolean(KindSettings.Inheritance, absent: false) ? read : null;
    }

    private static PatternList? Patterns(SettingsReader settings, Setting setting) =>
        settings.Value<PatternList>(setting, (string text, out PatternList? value) => (value = PatternList.Parse(text, out _)) is not null, AnExpressionList, absent: null!);

    private static FrozenSet<string> Keys(SettingsReader settings, Setting setting) => Items(settings.Text(setting) ?? "").ToFrozenSet(StringComparer.Ordinal);

    private static bool IsLabels(string text, out ImmutableArray<KeyValuePair<string, string>> labels)
    {
        var pairs = Items(text).Select(item => item.Split('=', 2)).ToArray();
        labels = [.. pairs.Where(pair => pair.Length == 2).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1]))];
        return pairs.All(pair => pair.Length == 2);
    }

    private static string[] Items(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
