using System.Text;

namespace Heliograph.Hns;

/// <summary>
/// Cells one below the other: each column as wide as its widest cell and some space. The last cell of a row is not filled up. Widths are remembered, so that
/// rows which come later stand below those that came before.
/// </summary>
/// <param name="minWidth">No column is narrower.</param>
/// <param name="padding">The space between columns.</param>
internal sealed class Columns(int minWidth, int padding)
{
    private readonly List<int> widths = [];

    /// <summary>The spacing of kubectl's tables.</summary>
    public static Columns AsKubectl() => new(minWidth: 6, padding: 3);

    /// <summary>Lays out some rows.</summary>
    /// <returns>One line for each.</returns>
    public IReadOnlyList<string> Lines(IReadOnlyCollection<IReadOnlyList<string>> rows)
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count - 1; i++)
            {
                var width = Math.Max(minWidth, Width(row[i]) + padding);
                if (i == widths.Count)
                    widths.Add(width);
                else
                    widths[i] = Math.Max(widths[i], width);
            }
        }
        return [.. rows.Select(Line)];
    }

    private string Line(IReadOnlyList<string> row)
    {
        var line = new StringBuilder();
        for (var i = 0; i < row.Count - 1; i++)
            line.Append(row[i]).Append(' ', widths[i] - Width(row[i]));
        return line.Append(row[^1]).ToString();
    }

    private static int Width(string cell) => cell.EnumerateRunes().Count();
}
