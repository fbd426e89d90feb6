using System.Collections.Immutable;

namespace Heliograph.Rules;

/// <summary>
/// A comma list of patterns over names. Each item is trimmed and is a regular expression that must match the name as a whole, case-sensitively;
/// <c>*</c> alone matches every name. A comma inside brackets or behind a backslash does not split. A list of nothing but commas matches nothing.
/// </summary>
public sealed class PatternList
{
    /// <summary>How many items may be more than a name with <c>.*</c> before or behind it.</summary>
    internal const int MaxExpressions = 100;

    /// <summary>How long an item may be, in characters.</summary>
    internal const int MaxItemLength = 4096;

    /// <summary>How deep brackets may be nested. Far deeper ones cost the regular expression engine memory out of proportion.</summary>
    internal const int MaxNesting = 50;

    private readonly ImmutableArray<Pattern> patterns;

    private PatternList(string text, ImmutableArray<Pattern> patterns)
    {
        Text = text;
        this.patterns = patterns;
    }

    /// <summary>Matches every name.</summary>
    public static PatternList Everything { get; } = Parse("*", out _)!;

    /// <summary>The list as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether there is no pattern in it.</summary>
    public bool IsEmpty => patterns.IsEmpty;

    /// <summary>Reads a list.</summary>
    /// <param name="text">The annotation's or setting's value.</param>
    /// <param name="problem">What is wrong with it, naming the item; null where nothing is.</param>
    /// <returns>The list; null where any item is invalid, because half a list is another list.</returns>
    public static PatternList? Parse(string text, out string? problem)
    {
        problem = null;
        var patience = new Patience();
        var read = ImmutableArray.CreateBuilder<Pattern>();
        var expressions = 0;
        foreach (var (item, nesting, isClosed) in Split(text))
        {
            if (item.Length > MaxItemLength)
                problem = $"{Excerpt.Of(item)} is longer than {MaxItemLength} characters";
            else if (nesting > MaxNesting)
                problem = $"{Excerpt.Of(item)} has brackets nested deeper than {MaxNesting}";
            else if (!isClosed || Pattern.Parse(item, patience) is not { } pattern)
                problem = $"{Excerpt.Of(item)} is not a valid pattern";
            else if (pattern.IsExpression && ++expressions > MaxExpressions)
                problem = $"it has more than {MaxExpressions} regular expressions";
            else
                read.Add(pattern);
            if (problem is not null)
                return null;
        }
        return new PatternList(text, read.ToImmutable());
    }

    /// <summary>Whether any pattern matches the name as a whole.</summary>
    public Verdict Match(string name) => Match(name, out _);

    /// <summary>Whether any pattern matches the name as a whole, and which.</summary>
    /// <param name="name">The name.</param>
    /// <param name="item">The item that matches, or the one that takes too long; null where none matches.</param>
    public Verdict Match(string name, out string? item)
    {
        item = null;
        var verdict = Verdict.No;
        foreach (var pattern in patterns)
        {
            var one = pattern.Match(name);
            if (one == Verdict.No)
                continue;
            item = pattern.Text;
            verdict = one;
            if (one == Verdict.Yes)
                break;
        }
        return verdict;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Splits at commas outside of brackets; empty items are dropped. Tells how deep an item's brackets are and whether they are closed.</summary>
    private static IEnumerable<(string Item, int Nesting, bool IsClosed)> Split(string text)
    {
        var (start, open, inClass, deepest) = (0, 0, 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && open == 0 && inClass == 0))
            {
                var item = text[start..i].Trim();
                if (item.Length > 0)
                    yield return (item, deepest, open == 0 && inClass == 0);
                (start, deepest) = (i + 1, 0);
                continue;
            }
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length:
                    i++;
                    break;
                // Within a class, a bracket opens another only where it is subtracted: [a-z-[aeiou]].
                case '[' when inClass == 0 || text[i - 1] == '-':
                    inClass++;
                    i = AfterClassStart(text, i);
                    break;
                case ']' when inClass > 0:
                    inClass--;
                    break;
                case '(' or '{' when inClass == 0:
                    open++;
                    break;
                case ')' or '}' when inClass == 0 && open > 0:
                    open--;
                    break;
            }
            deepest = Math.Max(deepest, open + inClass);
        }
    }

    /// <summary>A closing bracket that comes first in a class stands for itself: []] and [^]].</summary>
    private static int AfterClassStart(string text, int bracket)
    {
        var i = bracket;
        if (i + 1 < text.Length && text[i + 1] == '^')
            i++;
        return i + 1 < text.Length && text[i + 1] == ']' ? i + 1 : i;
    }
}
