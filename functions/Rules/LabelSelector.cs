using System.Collections.Immutable;
using System.Globalization;

namespace Heliograph.Rules;

/// <summary>
/// A Kubernetes label selector in its text form: requirements separated by commas, all of which must hold. Operators: <c>=</c>, <c>==</c>,
/// <c>!=</c>, <c>in (…)</c>, <c>notin (…)</c>, <c>key</c> (exists), <c>!key</c>, <c>&gt;</c>, <c>&lt;</c>. <c>!=</c> and <c>notin</c> also hold
/// where the label is absent. The empty text selects everything.
/// </summary>
public sealed class LabelSelector
{
    private readonly ImmutableArray<Requirement> requirements;

    private LabelSelector(string text, ImmutableArray<Requirement> requirements)
    {
        Text = text;
        this.requirements = requirements;
    }

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        Absent,
        Greater,
        Less,
    }

    /// <summary>The selector as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a selector.</summary>
    /// <param name="text">The annotation's value.</param>
    /// <param name="problem">What is wrong with it; null where nothing is.</param>
    /// <returns>The selector; null where it is invalid.</returns>
    public static LabelSelector? Parse(string text, out string? problem)
    {
        try
        {
            problem = null;
            return new LabelSelector(text, new Parser(text).Requirements());
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>Whether all requirements hold for these labels.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Holds(labels))
                return false;
        }
        return true;
    }

    /// <summary>The first requirement that does not hold, as text, and the label it meets; null where all do.</summary>
    public string? FirstUnmet(IReadOnlyDictionary<string, string> labels) => requirements.FirstOrDefault(r => !r.Holds(labels)) is { } unmet
        ? $"{Excerpt.Of(unmet.ToString())} ({(labels.TryGetValue(unmet.Key, out var value) ? $"{unmet.Key} is \"{value}\"" : $"there is no label {unmet.Key}")})"
        : null;

    /// <inheritdoc/>
    public override string ToString() => Text;

    private sealed record Requirement(string Key, Operator Operator, ImmutableSortedSet<string> Values)
    {
        public bool Holds(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                Operator.In => present && Values.Contains(value!),
                Operator.NotIn => !present || !Values.Contains(value!),
                Operator.Exists => present,
                Operator.Absent => !present,
                Operator.Greater => present && Number(value!) is { } n && n > Number(Values[0]),
                Operator.Less => present && Number(value!) is { } n && n < Number(Values[0]),
                _ => throw new InvalidOperationException(),
            };
        }

        public override string ToString() => Operator switch
        {
            Operator.In => $"{Key} in ({string.Join(",", Values)})",
            Operator.NotIn => $"{Key} notin ({string.Join(",", Values)})",
            Operator.Exists => Key,
            Operator.Absent => $"!{Key}",
            Operator.Greater => $"{Key}>{Values[0]}",
            _ => $"{Key}<{Values[0]}",
        };
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A recursive-descent reader of the grammar; throws <see cref="FormatException"/> with a sentence for the user.</summary>
    private sealed class Parser(string text)
    {
        private const string End = "";
        private int position;

        public ImmutableArray<Requirement> Requirements()
        {
            var read = ImmutableArray.CreateBuilder<Requirement>();
            if (Peek() == End)
                return [];
            do
            {
                read.Add(Next());
            }
            while (Accept(","));
            return Peek() == End ? read.ToImmutable() : throw new FormatException($"unexpected {Excerpt.Of(Peek())} in the selector");
        }

        private Requirement Next()
        {
            if (Accept("!"))
                return new(Key(), Operator.Absent, []);
            var key = Key();
            return Take(peekOnly: true) switch
            {
                End or "," => new(key, Operator.Exists, []),
                "=" or "==" => new(key, Operator.In, [Operand()]),
                "!=" => new(key, Operator.NotIn, [Operand()]),
                "in" => new(key, Operator.In, Set()),
                "notin" => new(key, Operator.NotIn, Set()),
                ">" => new(key, Operator.Greater, [Integer()]),
                "<" => new(key, Operator.Less, [Integer()]),
                var other => throw new FormatException($"unexpected {Excerpt.Of(other)} after \"{key}\" in the selector"),
            };
        }

        private string Key()
        {
            var key = Take();
            return LabelSyntax.IsKey(key) ? key : throw new FormatException($"{Excerpt.Of(key)} is not a label key");
        }

        /// <summary>The value after the operator that comes next; a missing one is the empty value.</summary>
        private string Operand()
        {
            Take();
            return Peek() is End or "," ? "" : Value();
        }

        private string Integer() =>
            Operand() is var value && Number(value) is not null ? value : throw new FormatException($"{Excerpt.Of(value)} is not an integer");

        private ImmutableSortedSet<string> Set()
        {
            Take();
            if (!Accept("("))
                throw new FormatException("\"in\" and \"notin\" need values in brackets");
            if (Peek() == ")")
                throw new FormatException("\"in\" and \"notin\" need at least one value");
            var values = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
            do
            {
                values.Add(Peek() is "," or ")" ? "" : Value());
            }
            while (Accept(","));
            return Accept(")") ? values.ToImmutable() : throw new FormatException("a bracket is not closed in the selector");
        }

        private string Value()
        {
            var value = Take();
            return LabelSyntax.IsValue(value) ? value : throw new FormatException($"{Excerpt.Of(value)} is not a label value");
        }

        private bool Accept(string token)
        {
            if (Peek() != token)
                return false;
            Take();
            return true;
        }

        private string Peek() => Take(peekOnly: true);

        private string Take(bool peekOnly = false)
        {
            var at = position;
            while (at < text.Length && IsSpace(text[at]))
                at++;
            var start = at;
            if (at < text.Length && IsSymbol(text[at]))
                at += at + 1 < text.Length && text[at] is '=' or '!' && text[at + 1] == '=' ? 2 : 1;
            else
                while (at < text.Length && !IsSymbol(text[at]) && !IsSpace(text[at])) at++;
            if (!peekOnly)
                position = at;
            return text[start..at];
        }

        /// <summary>What Kubernetes takes for space; others, such as the no-break space, are part of a word and make it invalid.</summary>
        private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

        private static bool IsSymbol(char c) => c is '=' or '!' or ',' or '(' or ')' or '<' or '>';
    }
}
