using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>
/// What a source's own annotations say of who inherits it: <c>select</c>, <c>treeSelect</c>, <c>none</c>, <c>all</c>. They are judged in this order, each may
/// say no, and any but an empty one opts in where a kind is inherited on request only.
/// </summary>
internal sealed class Exceptions
{
    private static readonly ImmutableArray<string> Keys = [Vocabulary.Hnc.Select, Vocabulary.Hnc.TreeSelect, Vocabulary.Hnc.None, Vocabulary.Hnc.All];

    /// <summary>Whether the source bears a word that opts in.</summary>
    public bool OptsIn { get; private init; }

    /// <summary>The namespaces that are left, as a rule over their labels as the tree says they are.</summary>
    public NamespaceRule Namespaces { get; private init; } = new NamespaceRule.All("no exception is made");

    /// <summary>Reads them. What cannot be read makes the rule <see cref="NamespaceRule.Unreadable"/>: nothing new is copied, and nothing that stands goes.</summary>
    public static Exceptions Read(AnnotationReader annotations)
    {
        var rules = ImmutableArray.CreateBuilder<NamespaceRule>();
        var optsIn = false;
        if (annotations.Has(Vocabulary.Hnc.Select, out var selector))
        {
            rules.Add(annotations.Labelled(Vocabulary.Hnc.Select, selector));
            optsIn = true;
        }
        if (annotations.Has(Vocabulary.Hnc.TreeSelect, out var names))
        {
            rules.Add(TreeSelector(annotations, names));
            optsIn = true;
        }
        if (Boolean(annotations, Vocabulary.Hnc.None, rules))
            rules.Add(new NamespaceRule.None($"{Vocabulary.Hnc.None} is set"));
        // An unreadable word may be meant to opt in, so that what it brought here stays.
        var readable = rules.Count;
        optsIn |= Boolean(annotations, Vocabulary.Hnc.All, rules) || rules.Count > readable;
        FindMistypedKeys(annotations);
        return rules.Count == 0 ? new() { OptsIn = optsIn } : new() { OptsIn = optsIn, Namespaces = new NamespaceRule.AllOf(rules.ToImmutable()) };
    }

    /// <summary>The namespaces named, each standing for itself and all below it; an exclamation mark stands for everybody else.</summary>
    private static NamespaceRule TreeSelector(AnnotationReader annotations, string text)
    {
        var requirements = new List<string>();
        var positive = 0;
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var name = item.StartsWith('!') ? item[1..].Trim() : item;
            if (!ObjectName.IsNamespace(name))
            {
                return new NamespaceRule.Unreadable(annotations.Report(
                    Vocabulary.Hnc.TreeSelect, $"{Excerpt.Of(item)} in {Excerpt.Of(text)} is not the name of a namespace", "write a comma list such as \"team-a, !team-a-dev\""));
            }
            positive += name.Length == item.Length ? 1 : 0;
            requirements.Add(name.Length == item.Length ? Vocabulary.Hnc.DepthLabel(name) : "!" + Vocabulary.Hnc.DepthLabel(name));
        }
        if (positive > 1)
        {
            return new NamespaceRule.Unreadable(annotations.Report(
                Vocabulary.Hnc.TreeSelect, $"{Excerpt.Of(text)} should only have one non-negated namespace", "name one namespace, and put ! before all others"));
        }
        return new NamespaceRule.Labelled(Vocabulary.Hnc.TreeSelect, LabelSelector.Parse(string.Join(',', requirements), out _)!);
    }

    /// <summary>A boolean as Go reads it; the empty text is false.</summary>
    private static bool Boolean(AnnotationReader annotations, string key, ImmutableArray<NamespaceRule>.Builder rules)
    {
        if (!annotations.Has(key, out _))
            return false;
        var value = annotations.Boolean(key, out var fault);
        if (fault is not null)
            rules.Add(new NamespaceRule.Unreadable(fault));
        return value;
    }

    /// <summary>Whoever writes <c>treeselect</c> waits for something that never comes. All keys of the form <c>word.hnc.x-k8s.io/…</c> are meant for exceptions.</summary>
    private static void FindMistypedKeys(AnnotationReader annotations)
    {
        foreach (var key in annotations.Object.Annotations.Keys)
        {
            if (Vocabulary.Hnc.Owns(key) && key.IndexOf('.', StringComparison.Ordinal) is var dot && key.AsSpan(dot + 1).StartsWith(Vocabulary.Hnc.Group + "/", StringComparison.Ordinal) && !Keys.Contains(key))
                annotations.Report(key, "there is no such exception", $"write one of {string.Join(", ", Keys)}");
        }
    }
}
