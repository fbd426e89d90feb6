using System.Collections.Immutable;
using System.Globalization;

namespace Heliograph.Hns;

/// <summary>Draws trees of namespaces, with footnotes for what is wrong with them.</summary>
/// <param name="forest">The namespaces.</param>
/// <param name="inherited">What is shown below a namespace's name, one line each; null for nothing.</param>
internal sealed class TreeText(Forest forest, Func<string, IEnumerable<string>>? inherited = null)
{
    private readonly List<string> lines = [];
    private readonly List<string> footnotes = [];
    private bool hasSubnamespace;

    /// <summary>Draws every tree of the forest. What is in a cycle has no root and is drawn on its own.</summary>
    public IReadOnlyList<string> All()
    {
        foreach (var member in forest.Members)
        {
            // Named before it is passed over, as with HNC: footnotes are numbered in the order of names.
            var text = Named(member);
            if (forest.IsRoot(member) || forest.IsInCycle(member))
                Tree(member, text);
        }
        return Finished();
    }

    /// <summary>Draws the trees below some namespaces.</summary>
    public IReadOnlyList<string> Of(IEnumerable<string> roots)
    {
        foreach (var root in roots)
        {
            var member = forest.Find(root) ?? throw new HnsException($"Error reading namespace {root}: namespaces \"{root}\" not found");
            Tree(member, Named(member));
        }
        return Finished();
    }

    private void Tree(Member root, string text)
    {
        lines.Add(text);
        Below(root, "");
    }

    private void Below(Member member, string prefix)
    {
        var inCycle = forest.IsInCycle(member);
        var children = forest.ChildrenOf(member.Name).Where(child => !(inCycle && forest.IsInCycle(child))).ToImmutableArray();
        foreach (var line in inherited?.Invoke(member.Name) ?? [])
            lines.Add($"{prefix}{(children.IsEmpty ? "    " : "│   ")}{line}");
        for (var i = 0; i < children.Length; i++)
        {
            var isLast = i == children.Length - 1;
            lines.Add($"{prefix}{(isLast ? "└── " : "├── ")}{(children[i].IsSubnamespace ? "[s] " : "")}{Named(children[i])}");
            hasSubnamespace |= children[i].IsSubnamespace;
            Below(children[i], prefix + (isLast ? "    " : "│   "));
        }
    }

    /// <summary>The name, and the numbers of its footnotes.</summary>
    private string Named(Member member)
    {
        var notes = member.Conditions.Select(condition => Footnote(condition.ToString())).Order().ToArray();
        return notes.Length == 0 ? member.Name : $"{member.Name} ({string.Join(',', notes.Select(note => note.ToString(CultureInfo.InvariantCulture)))})";
    }

    private int Footnote(string text)
    {
        if (!footnotes.Contains(text))
            footnotes.Add(text);
        return footnotes.IndexOf(text) + 1;
    }

    private List<string> Finished()
    {
        if (hasSubnamespace)
            lines.AddRange(["", "[s] indicates subnamespaces"]);
        if (footnotes.Count > 0)
            lines.AddRange(["", "Conditions:", .. footnotes.Select((note, i) => $"{i + 1}) {note}")]);
        return lines;
    }
}
