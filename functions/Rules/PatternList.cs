using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Heliograph.Rules;

/// <summary>What a rule says of a name. A rule that cannot be evaluated is no refusal: nothing may be deleted because of it.</summary>
public enum Verdict
{
    /// <summary>It does not hold.</summary>
    No,

    /// <summary>It holds.</summary>
    Yes,

    /// <summary>It cannot be told, for example because a pattern takes too long.</summary>
    Unknown,
}

/// <summary>
/// A comma list of patterns over names. Each item is trimmed and is a regular expression that must match the name as a whole, case-sensitively;
/// <c>*</c> alone matches every name. A comma inside brackets does not split. A list of nothing but commas matches nothing.
/// </summary>
public sealed class PatternList
{
    /// <summary>Names have at most 253 characters, so a pattern that takes this long is hostile.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(50);

    private readonly ImmutableArray<Pattern> patterns;

    private PatternList(string text, ImmutableArray<Pattern> patterns)
    {
        Text = text;
        this.patterns = patterns;
    }

    /// <summary>Matches every name.</summary>
    public static PatternList Everything { get; } = new("*", [new Pattern.Any()]);

    /// <summary>The list as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="text">The annotation's or setting's value.</param>
    /// <param name="problem">What is wrong with it, naming the item; null where nothing is.</param>
    /// <returns>The list; null where any item is invalid, because half a list is another list.</returns>
    public static PatternList? Parse(string text, out string? problem)
    {
        problem = null;
        var read = ImmutableArray.CreateBuilder<Pattern>();
        foreach (var item in Split(text))
        {
            if (Pattern.Parse(item) is { } pattern)
                read.Add(pattern);
            else
                problem ??= $"\"{item}\" is not a valid pattern";
        }
        return problem is null ? new PatternList(text, read.ToImmutable()) : null;
    }

    /// <summary>Whether any pattern matches the name as a whole.</summary>
    public Verdict Match(string name)
    {
        var verdict = Verdict.No;
        foreach (var pattern in patterns)
        {
            var one = pattern.Match(name);
            if (one == Verdict.Yes)
                return Verdict.Yes;
            if (one == Verdict.Unknown)
                verdict = Verdict.Unknown;
        }
        return verdict;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Splits at commas outside of brackets and character classes; empty items are dropped.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        var depth = 0;
        var inClass = false;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0 && !inClass))
            {
                var item = text[start..i].Trim();
                if (item.Length > 0)
                    yield return item;
                start = i + 1;
                continue;
            }
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length: i++; break;
                case '[': inClass = true; break;
                case ']': inClass = false; break;
                case '(' or '{' when !inClass: depth++; break;
                case ')' or '}' when !inClass && depth > 0: depth--; break;
            }
        }
    }

    /// <summary>One item. Most are plain names or prefixes; those cost neither a regular expression's memory nor its time.</summary>
    private abstract record Pattern
    {
        public abstract Verdict Match(string name);

        public static Pattern? Parse(string item)
        {
            if (item is "*" or ".*")
                return new Any();
            if (item.All(IsPlain))
                return new Exact(item);
            if (item.EndsWith(".*", StringComparison.Ordinal) && item[..^2].All(IsPlain))
                return new Prefix(item[..^2]);
            return (Expression(item, RegexOptions.NonBacktracking) ?? Expression(item, RegexOptions.None)) is { } regex ? new Regular(regex) : null;
        }

        private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';

        /// <summary>Null where the pattern is invalid, or — without backtracking — where it needs look-arounds or back-references.</summary>
        private static Regex? Expression(string item, RegexOptions options)
        {
            try
            {
                // On its own first, so that "a)(b" is not made valid by the brackets around it.
                _ = new Regex(item, options | RegexOptions.CultureInvariant, MatchTimeout);
                return new Regex($@"\A(?:{item})\z", options | RegexOptions.CultureInvariant, MatchTimeout);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return null;
            }
        }

        public sealed record Any : Pattern
        {
            public override Verdict Match(string name) => Verdict.Yes;
        }

        public sealed record Exact(string Name) : Pattern
        {
            public override Verdict Match(string name) => name == Name ? Verdict.Yes : Verdict.No;
        }

        public sealed record Prefix(string Start) : Pattern
        {
            public override Verdict Match(string name) => name.StartsWith(Start, StringComparison.Ordinal) ? Verdict.Yes : Verdict.No;
        }

        public sealed record Regular(Regex Regex) : Pattern
        {
            public override Verdict Match(string name)
            {
                try
                {
                    return Regex.IsMatch(name) ? Verdict.Yes : Verdict.No;
                }
                catch (RegexMatchTimeoutException)
                {
                    return Verdict.Unknown;
                }
            }
        }
    }
}
