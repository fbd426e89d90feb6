using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Heliograph.Rules;

/// <summary>
/// The values of <c>set-labels</c> and <c>set-annotations</c>: a mapping from text to text, either one <c>key: value</c> a line as in YAML or one JSON
/// object. Of YAML there is only this: plain and quoted scalars, comments, blank lines. Everything else is refused with a sentence, because a mapping
/// that is half understood sets the wrong labels.
/// </summary>
internal static class TextMapping
{
    /// <summary>Reads a mapping; null, and what is wrong, where it is none.</summary>
    public static ImmutableSortedDictionary<string, string>? Parse(string text, out string? problem)
    {
        try
        {
            problem = null;
            return text.TrimStart().StartsWith('{') ? ParseJson(text) : ParseLines(text);
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static ImmutableSortedDictionary<string, string> ParseJson(string text)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(text);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.String)
                    throw new FormatException($"the value of {Excerpt.Of(member.Name)} is no text; put it in quotation marks");
                Add(read, member.Name, member.Value.GetString()!);
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            throw new FormatException("it has half a surrogate pair, which is no text");
        }
        return read.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> ParseLines(string text)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        int? indent = null;
        foreach (var line in text.Split('\n'))
        {
            var content = line.Trim();
            if (content.Length == 0 || content[0] == '#')
                continue;
            var depth = line.Length - line.TrimStart().Length;
            if ((indent ??= depth) != depth)
                throw new FormatException($"{Excerpt.Of(content)} is indented differently; write one \"key: value\" a line");
            var (key, value) = new Line(content).Read();
            Add(read, key, value);
        }
        return read.ToImmutable();
    }

    private static void Add(ImmutableSortedDictionary<string, string>.Builder read, string key, string value)
    {
        if (!read.TryAdd(key, value))
            throw new FormatException($"{Excerpt.Of(key)} is there twice");
    }

    /// <summary>Reads the two scalars of one line.</summary>
    private sealed class Line(string line)
    {
        private int position;

        public (string Key, string Value) Read()
        {
            var key = line[0] is '"' or '\'' ? Quoted() : PlainKey();
            SkipSpace();
            if (!IsColon(position))
                throw new FormatException($"{Excerpt.Of(line)} is not of the form \"key: value\"");
            position++;
            SkipSpace();
            return (key, Value(key));
        }

        private string PlainKey()
        {
            while (position < line.Length && !IsColon(position))
                position++;
            return line[..position].TrimEnd();
        }

        private string Value(string key)
        {
            if (position == line.Length || line[position] == '#')
                throw new FormatException($"{Excerpt.Of(key)} has no value; write \"\" for the empty one");
            if (line[position] is not ('"' or '\''))
                return PlainValue(key);
            var quoted = Quoted();
            SkipSpace();
            return position == line.Length || line[position] == '#'
                ? quoted
                : throw new FormatException($"there is something behind the closing quotation mark of {Excerpt.Of(key)}");
        }

        /// <summary>A plain value ends at a comment. What means something else to YAML at its beginning must be quoted.</summary>
        private string PlainValue(string key)
        {
            if (line[position] is '{' or '[' or '&' or '*' or '!' or '|' or '>' or '%' or '@' or '`' || (line[position] == '-' && IsSpace(position + 1)))
                throw new FormatException($"the value of {Excerpt.Of(key)} begins with a sign that means something to YAML; put it in quotation marks");
            var comment = line.IndexOf(" #", position, StringComparison.Ordinal);
            return line[position..(comment < 0 ? line.Length : comment)].TrimEnd();
        }

        private bool IsColon(int at) => at < line.Length && line[at] == ':' && IsSpace(at + 1);

        private bool IsSpace(int at) => at >= line.Length || line[at] is ' ' or '\t';

        private void SkipSpace()
        {
            while (position < line.Length && IsSpace(position))
                position++;
        }

        private string Quoted()
        {
            var quote = line[position++];
            var text = new StringBuilder();
            while (position < line.Length)
            {
                var c = line[position++];
                if (c == quote && quote == '\'' && position < line.Length && line[position] == '\'')
                    text.Append(line[position++]);
                else if (c == quote)
                    return text.ToString();
                else
                    text.Append(c == '\\' && quote == '"' ? Escaped() : c);
            }
            throw new FormatException($"a quotation mark is not closed in {Excerpt.Of(line)}");
        }

        private char Escaped()
        {
            var c = position < line.Length ? line[position++] : '\0';
            if (c == 'u' && position + 4 <= line.Length
                && ushort.TryParse(line.AsSpan(position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                && !char.IsSurrogate((char)code))
            {
                position += 4;
                return (char)code;
            }
            return c switch
            {
                '"' or '\\' or '/' => c,
                'n' => '\n',
                't' => '\t',
                _ => throw new FormatException($"there is an unknown escape in {Excerpt.Of(line)}; known are \\\" \\\\ \\/ \\n \\t \\uXXXX"),
            };
        }
    }
}
