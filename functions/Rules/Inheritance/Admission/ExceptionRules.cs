using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>What a source's exceptions may not be: mistyped, unreadable, or two at once.</summary>
internal static class ExceptionRules
{
    private static readonly string[] Keys = [Vocabulary.Hnc.Select, Vocabulary.Hnc.TreeSelect, Vocabulary.Hnc.None, Vocabulary.Hnc.All];

    /// <summary>What is wrong with a source's exceptions; null where nothing is. What was wrong before already is let pass, but for keys that do not exist.</summary>
    public static string? Judge(Snapshot source, ReviewedObject? before)
    {
        if (source.Annotations.Keys.Where(IsMistyped).Order(StringComparer.Ordinal).FirstOrDefault() is { } mistyped)
            return $"invalid HNC exceptions annotation: {mistyped}, should be one of the following: {string.Join("; ", Keys)}";
        var changed = Keys.Where(key => Text(source.Annotations, key) != Text(before?.Annotations, key)).ToArray();
        var reader = new AnnotationReader(source);
        Exceptions.Read(reader);
        foreach (var key in changed)
        {
            if (reader.Faults.FirstOrDefault(fault => fault.Annotation == key) is { } fault)
                return Prefix(key) + fault.Problem;
        }
        var set = Keys.Where(key => Text(source.Annotations, key).Length > 0).ToArray();
        return changed.Length > 0 && set.Length > 1
            ? $"cannot have more than one selector at the same time, but got multiple: {string.Join(", ", set)}" : null;
    }

    private static string Prefix(string key) => key switch
    {
        Vocabulary.Hnc.Select => $"invalid Kubernetes labelSelector: while parsing \"{key}\": ",
        Vocabulary.Hnc.TreeSelect => $"invalid HNC \"{key}\" value: ",
        _ => $"invalid {key} value: ",
    };

    /// <summary>Whether a key's prefix is one label and the group, and the key is none of those that there are.</summary>
    private static bool IsMistyped(string key)
    {
        var prefix = key.AsSpan(0, Math.Max(0, key.IndexOf('/', StringComparison.Ordinal)));
        var dot = prefix.IndexOf('.');
        return dot >= 0 && prefix[(dot + 1)..].SequenceEqual(Vocabulary.Hnc.Group) && !Keys.Contains(key);
    }

    private static string Text(IReadOnlyDictionary<string, string>? annotations, string key) => annotations?.GetValueOrDefault(key) ?? "";
}
