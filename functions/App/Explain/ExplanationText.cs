using System.Globalization;
using System.Text;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Functions.Explain;

/// <summary>An explanation for people: what it is, then one block for each thing that is to be said, with the places it is said of.</summary>
internal sealed class ExplanationText
{
    /// <summary>How many places one block names.</summary>
    private const int MaxNamed = 40;
    private const int LineLength = 110;
    private const int Column = 16;

    private readonly StringBuilder text = new();

    public static string Of(Explanation explanation)
    {
        var writer = new ExplanationText();
        if (explanation.Missing is { } missing)
            writer.Line($"{missing} does not exist");
        if (!explanation.Namesakes.IsEmpty)
        {
            writer.Item("namesakes", "of this name there are:");
            writer.Names(explanation.Namesakes.Select(place => place.ToString()));
        }
        switch (explanation.Question)
        {
            case Question.OfObject of:
                writer.Object(of, explanation);
                break;
            case Question.OfNamespace of when explanation.Missing is null:
                writer.Namespace(of, explanation);
                break;
        }
        return writer.text.ToString();
    }

    private void Object(Question.OfObject asked, Explanation explanation)
    {
        if (explanation.Role is { } role)
            Role(role);
        if (!explanation.AsSource.IsEmpty)
        {
            Title("as a source", asked.In is null ? Count(explanation.AsSource) : $"in {asked.In}");
            Cells(explanation.AsSource, cell => PlaceOf(cell, asked.Name));
        }
        if (!explanation.Pulls.IsEmpty)
        {
            Title("who may pull it", asked.In is null ? $"{explanation.Pulls.Count(pull => pull.Permitted)} of {explanation.Pulls.Length} namespaces" : $"in {asked.In}");
            Pulls(explanation.Pulls, pull => pull.Namespace);
        }
        if (!explanation.AsMirror.IsEmpty)
        {
            Title("as a mirror", explanation.AsMirror.Length == 1 ? "" : $"{explanation.AsMirror.Length} sources could be meant");
            Cells(explanation.AsMirror, cell => cell.Source.ToString());
        }
        if (explanation is { IsObjectMissing: true, AsSource.IsEmpty: true, AsMirror.IsEmpty: true })
            Line("nothing is, or asks to be, a mirror of it, and no source pushes under its name");
        else if (explanation is { Role: not null, AsSource.IsEmpty: true, Pulls.IsEmpty: true, AsMirror.IsEmpty: true } && asked.In is null)
            Line("nothing is mirrored from it or to it: it asks for nothing, and no source pushes under its name");
        else if (explanation is { Missing: null, AsSource.IsEmpty: true, Pulls.IsEmpty: true, AsMirror.IsEmpty: true })
            Line($"it pushes nothing, permits no pull, and {asked.In} holds nothing that says it is a mirror of it");
    }

    private void Namespace(Question.OfNamespace asked, Explanation explanation)
    {
        Line($"namespace {asked.Namespace}");
        foreach (var source in explanation.Sources)
            Item("source", $"{source} lives here");
        if (explanation.AsMirror.IsEmpty && explanation.Pulls.IsEmpty)
            Line("nothing is mirrored here, and no source in the cluster pushes or may be pulled");
        if (!explanation.AsMirror.IsEmpty)
        {
            Title("mirrors", Count(explanation.AsMirror));
            Cells(explanation.AsMirror, cell => cell.Place.Name == cell.Source.Name ? cell.Source.ToString() : $"{cell.Source} as {cell.Place.Name}");
        }
        if (!explanation.Pulls.IsEmpty)
        {
            Title("may be pulled from here", $"{explanation.Pulls.Count(pull => pull.Permitted)} of {explanation.Pulls.Length} sources");
            Pulls(explanation.Pulls, pull => pull.Source.ToString());
        }
    }

    private void Role(ObjectRole role)
    {
        Line($"{role.Object.Kind} {role.Object.Namespace}/{role.Object.Name} (version {role.ResourceVersion})");
        foreach (var (word, sentence) in RoleSentences.Of(role))
            Item(word, sentence);
    }

    private void Cells(IEnumerable<ExplainedCell> cells, Func<CellOutcome, string> name)
    {
        foreach (var group in CellGroup.Of(cells))
        {
            Item(group.Word, group.Because.Length == 0 ? group.Reason.ToString() : $"{group.Reason}: {group.Because}");
            Names(group.Cells.Select(cell => name(cell.Outcome)));
        }
    }

    private void Pulls(IEnumerable<PullPermission> pulls, Func<PullPermission, string> name)
    {
        foreach (var group in pulls.GroupBy(pull => (pull.Permitted, Because: Mentions.Generalise(pull.Because, pull.Namespace))).OrderByDescending(group => group.Key.Permitted))
        {
            Item(group.Key.Permitted ? "permitted" : "not permitted", group.Count() == 1 ? group.First().Because : group.Key.Because);
            Names(group.Select(name));
        }
    }

    private static string Count(IReadOnlyCollection<ExplainedCell> cells) => string.Join(", ", cells
        .GroupBy(cell => (State: CellGroup.StateOf(cell.Outcome), Word: CellGroup.WordOf(cell.Outcome))).OrderBy(group => group.Key.State).ThenBy(group => group.Key.Word, StringComparer.Ordinal)
        .Select(group => $"{group.Count()} {group.Key.Word}"));

    private static string PlaceOf(CellOutcome cell, string sourceName) =>
        cell.Place.Name == sourceName ? cell.Place.Namespace : $"{cell.Place.Namespace}/{cell.Place.Name}";

    private void Title(string title, string summary) => Line(summary.Length == 0 ? $"\n{title}" : $"\n{title}: {summary}");

    private void Item(string word, string sentence) =>
        text.Append(CultureInfo.InvariantCulture, $"  {word.PadRight(Column)}{Short(sentence)}\n");

    /// <summary>The peers' annotations without their long prefixes: what follows these is unmistakable, and lines stay readable.</summary>
    private static string Short(string sentence) => sentence
        .Replace(Vocabulary.Reflector.Prefix, "", StringComparison.Ordinal).Replace(Vocabulary.Replicator.Prefix, "", StringComparison.Ordinal);

    /// <summary>The places, wrapped below the sentences.</summary>
    private void Names(IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToArray();
        var shown = all.Length <= MaxNamed ? all : [.. all.Take(MaxNamed), $"and {all.Length - MaxNamed} more"];
        var line = new StringBuilder();
        foreach (var (index, name) in shown.Index())
        {
            if (line.Length > 0 && line.Length + name.Length > LineLength)
            {
                Item("", line.ToString().TrimEnd());
                line.Clear();
            }
            line.Append(name).Append(index == shown.Length - 1 ? "" : ", ");
        }
        Item("", line.ToString());
    }

    private void Line(string line) => text.Append(line).Append('\n');
}
