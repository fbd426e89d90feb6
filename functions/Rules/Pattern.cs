using System.Text.RegularExpressions;

namespace Heliograph.Rules;

/// <summary>
/// One item of a <see cref="PatternList"/>. Most are plain names, or begin or end with <c>.*</c>; those cost neither a regular expression's memory
/// nor its time.
/// </summary>
internal abstract class Pattern(string text)
{
    /// <summary>The item as it was written.</summary>
    public string Text { get; } = text;

    /// <summary>Whether it takes a regular expression to match it.</summary>
    public bool IsExpression => this is Expression;

    /// <summary>Whether the pattern matches a name as a whole.</summary>
    public abstract Verdict Match(string name);

    /// <summary>Reads an item; null where it is invalid.</summary>
    /// <param name="item">The item, trimmed.</param>
    /// <param name="patience">Counts time-outs for the whole list.</param>
    public static Pattern? Parse(string item, Patience patience)
    {
        if (item is "*" or ".*")
            return new Any(item);
        if (item.All(IsPlain))
            return new Exact(item);
        if (item.EndsWith(".*", StringComparison.Ordinal) && item.AsSpan(..^2) is var start && AllPlain(start))
            return new Start(item, start.ToString());
        if (item.StartsWith(".*", StringComparison.Ordinal) && item.AsSpan(2..) is var end && AllPlain(end))
            return new End(item, end.ToString());
        return Expression.Parse(item, patience);
    }

    private static bool AllPlain(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!IsPlain(c))
                return false;
        }
        return true;
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c == '-';

    private static Verdict Holds(bool holds) => holds ? Verdict.Yes : Verdict.No;

    private sealed class Any(string text) : Pattern(text)
    {
        public override Verdict Match(string name) => Verdict.Yes;
    }

    private sealed class Exact(string text) : Pattern(text)
    {
        public override Verdict Match(string name) => Holds(name == Text);
    }

    private sealed class Start(string text, string start) : Pattern(text)
    {
        public override Verdict Match(string name) => Holds(name.StartsWith(start, StringComparison.Ordinal));
    }

    private sealed class End(string text, string end) : Pattern(text)
    {
        public override Verdict Match(string name) => Holds(name.EndsWith(end, StringComparison.Ordinal));
    }

    /// <summary>
    /// A regular expression, matched by backtracking at first, which is cheap (2 KB against 75 KB of the engine that does not backtrack) and nearly
    /// always fast. Where it is not, the other engine takes over if it can, else there is a longer time-out: a pause of the process must not look like
    /// a slow pattern.
    /// </summary>
    private sealed class Expression(string text, Regex quick, Patience patience) : Pattern(text)
    {
        private static readonly TimeSpan ShortTime = TimeSpan.FromMilliseconds(20);
        private static readonly TimeSpan LongTime = TimeSpan.FromMilliseconds(250);

        private volatile bool isSlow;
        private volatile Regex? thorough;

        public static new Expression? Parse(string item, Patience patience)
        {
            // On its own first, so that "a)(b" is not made valid by the brackets around it.
            return Compile(item, RegexOptions.None, ShortTime) is not null && Compile(Anchored(item), RegexOptions.None, ShortTime) is { } quick
                ? new Expression(item, quick, patience)
                : null;
        }

        public override Verdict Match(string name)
        {
            if (patience.IsExhausted)
                return Verdict.Unknown;
            try
            {
                if (!isSlow)
                    return Holds(quick.IsMatch(name));
            }
            catch (RegexMatchTimeoutException)
            {
                isSlow = true;
                patience.Spend();
            }
            try
            {
                thorough ??= Compile(Anchored(Text), RegexOptions.NonBacktracking, LongTime) ?? Compile(Anchored(Text), RegexOptions.None, LongTime)!;
                return Holds(thorough.IsMatch(name));
            }
            catch (RegexMatchTimeoutException)
            {
                patience.Spend();
                return Verdict.Unknown;
            }
        }

        private static string Anchored(string item) => $@"\A(?:{item})\z";

        /// <summary>Null where the expression is invalid, or has what the engine does not know: look-arounds and back-references, or too many repeats.</summary>
        private static Regex? Compile(string expression, RegexOptions options, TimeSpan timeout)
        {
            try
            {
                return new Regex(expression, options | RegexOptions.CultureInvariant, timeout);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return null;
            }
        }
    }
}

/// <summary>
/// How many time-outs one list may cost. A list is judged for every namespace; a hostile one would otherwise cost its time-out a thousand times.
/// </summary>
internal sealed class Patience
{
    private const int MaxTimeouts = 8;

    private int spent;

    public bool IsExhausted => Volatile.Read(ref spent) >= MaxTimeouts;

    public void Spend() => Interlocked.Increment(ref spent);
}
