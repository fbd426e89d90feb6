using System.Text.Json;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>Which labels and annotations a HierarchyConfiguration or an anchor may set on namespaces.</summary>
internal static class ManagedKeys
{
    /// <summary>What is wrong with the labels and annotations of a spec, in their order.</summary>
    public static IReadOnlyList<string> Problems(JsonElement spec, InheritanceSettings settings) =>
        [.. Problems(spec, "labels", "label", settings.ManagedLabels, areLabels: true), .. Problems(spec, "annotations", "annotation", settings.ManagedAnnotations, areLabels: false)];

    private static IEnumerable<string> Problems(JsonElement spec, string list, string word, PatternList? legal, bool areLabels)
    {
        foreach (var item in PayloadReader.Items(spec, list))
        {
            var (key, value) = (PayloadReader.Text(item, "key") ?? "", PayloadReader.Text(item, "value") ?? "");
            if (!LabelSyntax.IsKey(key))
                yield return $"spec.{list}: Invalid value: {Excerpt.Of(key)}: not a valid {word} key";
            else if (legal?.Match(key) != Verdict.Yes)
                yield return $"spec.{list}: Invalid value: {Excerpt.Of(key)}: not a managed {word} and cannot be configured";
            if (areLabels && !LabelSyntax.IsValue(value))
                yield return $"spec.{list}[{key}]: Invalid value: {Excerpt.Of(value)}: not a valid label value";
        }
    }
}
