using System.Collections.Immutable;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Rules;

/// <summary>Reads a source's <see cref="Refinement"/>. Whatever is wrong with any of its annotations spoils the whole.</summary>
internal sealed class RefinementReader(Snapshot source, AnnotationReader annotations)
{
    private Fault? fault;

    /// <summary>The refinement; null where no annotation of it is there.</summary>
    public static Refinement? Read(Snapshot source, AnnotationReader annotations) =>
        Keys.Any(key => annotations.Text(key) is not null) ? new RefinementReader(source, annotations).Read() : null;

    private static readonly ImmutableArray<string> Keys =
    [
        Vocabulary.Heliograph.Name, Vocabulary.Heliograph.Keys, Vocabulary.Heliograph.RenameKeys, Vocabulary.Heliograph.CopyLabels,
        Vocabulary.Heliograph.CopyAnnotations, Vocabulary.Heliograph.SetLabels, Vocabulary.Heliograph.SetAnnotations,
    ];

    private Refinement Read()
    {
        var keys = ReadKeys();
        var renamed = ReadRenamed();
        var refinement = new Refinement
        {
            MirrorName = ReadName(),
            Keys = keys,
            RenameKeys = renamed,
            CopyLabels = ReadCopied(Vocabulary.Heliograph.CopyLabels, source.Labels.Keys),
            CopyAnnotations = ReadCopied(Vocabulary.Heliograph.CopyAnnotations, source.Annotations.Keys),
            SetLabels = ReadSet(Vocabulary.Heliograph.SetLabels, ProblemOfLabel),
            SetAnnotations = ReadSet(Vocabulary.Heliograph.SetAnnotations, ProblemOfAnnotation),
        };
        FindCollision(keys, renamed);
        return refinement with { Fault = fault };
    }

    private string? ReadName()
    {
        if (annotations.Text(Vocabulary.Heliograph.Name) is not { } template)
            return null;
        var name = template.Trim()
            .Replace("{name}", source.Name, StringComparison.Ordinal).Replace("{namespace}", source.Namespace, StringComparison.Ordinal);
        if (!ObjectName.IsLegal(source.Kind, name) || name.Contains('{', StringComparison.Ordinal))
            Fail(Vocabulary.Heliograph.Name, $"{Excerpt.Of(name)} is no name for a {source.Kind.Name}", "write a name, in which {name} and {namespace} stand for the source's");
        return name;
    }

    private PatternList? ReadKeys()
    {
        if (!Demands(Vocabulary.Heliograph.Keys, out var text) || Patterns(Vocabulary.Heliograph.Keys, text, KnownKeys()) is not { } patterns)
            return null;
        if (patterns.IsEmpty)
            Fail(Vocabulary.Heliograph.Keys, "it names no key", "name keys, or remove the annotation to have all of them copied");
        return patterns;
    }

    private ImmutableSortedDictionary<string, string> ReadRenamed()
    {
        var renamed = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (!Demands(Vocabulary.Heliograph.RenameKeys, out var text))
            return renamed.ToImmutable();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.Split('=', StringSplitOptions.TrimEntries) is not [var old, var renaming] || !IsDataKey(old) || !IsDataKey(renaming))
                FailRename($"{Excerpt.Of(item)} is not of the form \"old=new\" with keys of letters, digits, \"-\", \"_\" and \".\"");
            else if (renamed.ContainsValue(renaming))
                FailRename($"two keys would be named {Excerpt.Of(renaming)}");
            else if (!renamed.TryAdd(old, renaming))
                FailRename($"{Excerpt.Of(old)} is renamed twice");
        }
        return renamed.ToImmutable();
    }

    /// <summary>A renamed key must not fall on one that keeps its name.</summary>
    private void FindCollision(PatternList? keys, ImmutableSortedDictionary<string, string> renamed)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in renamed.IsEmpty ? [] : KnownKeys())
        {
            if ((keys is null || keys.Match(key) == Verdict.Yes) && renamed.GetValueOrDefault(key, key) is var target && !taken.Add(target))
                FailRename($"two keys would be named {Excerpt.Of(target)}");
        }
    }

    private PatternList? ReadCopied(string key, IEnumerable<string> candidates) =>
        annotations.Text(key) is { } text ? Patterns(key, text, candidates) : null;

    private ImmutableSortedDictionary<string, string> ReadSet(string key, Func<string, string, string?> problemOf)
    {
        if (annotations.Text(key) is not { } text)
            return ImmutableSortedDictionary<string, string>.Empty;
        if (TextMapping.Parse(text, out var problem) is { } mapping)
        {
            problem = mapping.Select(pair => problemOf(pair.Key, pair.Value)).FirstOrDefault(p => p is not null);
            if (problem is null)
                return mapping;
        }
        Fail(key, problem!, "write one \"key: value\" a line");
        return ImmutableSortedDictionary<string, string>.Empty;
    }

    private static string? ProblemOfLabel(string key, string value) =>
        !LabelSyntax.IsKey(key) ? $"{Excerpt.Of(key)} is not a label key"
        : !LabelSyntax.IsValue(value) ? $"{Excerpt.Of(value)} is not a label value"
        : null;

    private static string? ProblemOfAnnotation(string key, string value) =>
        !LabelSyntax.IsKey(key.ToLowerInvariant()) ? $"{Excerpt.Of(key)} is not an annotation key"
        : Contains(key) ? $"{Excerpt.Of(key)} would make the mirror say something to a controller"
        : null;

    /// <summary>Patterns that can be told for all they will be asked.</summary>
    private PatternList? Patterns(string key, string text, IEnumerable<string> candidates)
    {
        if (annotations.Patterns(key, text, out var invalid) is not { } patterns)
        {
            fault ??= invalid;
            return null;
        }
        foreach (var candidate in candidates)
        {
            if (patterns.Match(candidate, out var item) == Verdict.Unknown)
                Fail(key, $"{Excerpt.Of(item!)} takes too long to match {candidate}", "write a simpler pattern");
        }
        return patterns;
    }

    /// <summary>An annotation about keys, which only kinds with keys can have.</summary>
    private bool Demands(string key, out string text)
    {
        text = annotations.Text(key) ?? "";
        if (annotations.Text(key) is null)
            return false;
        if (!source.Kind.HasKeys)
            Fail(key, $"a {source.Kind.Name} has no keys", "remove the annotation");
        return source.Kind.HasKeys;
    }

    private IEnumerable<string> KnownKeys() => source.Content is { } content
        ? source.Kind.Copied.Where(field => field.Shape == FieldShape.Map).SelectMany(field => content.Entries(field.Name)).Select(entry => entry.Name)
        : source.Ownership.CopiedPaths.Select(Bookkeeping.KeyOf);

    /// <summary>Whether the API server would take this for a key of a Secret or ConfigMap.</summary>
    private static bool IsDataKey(string key) =>
        key.Length is > 0 and <= 253 && key != "." && !key.StartsWith("..", StringComparison.Ordinal)
        && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private void FailRename(string problem) => Fail(Vocabulary.Heliograph.RenameKeys, problem, "write a comma list of \"old=new\"");

    private void Fail(string key, string problem, string remedy)
    {
        var told = annotations.Report(key, problem, remedy);
        fault ??= told;
    }
}
