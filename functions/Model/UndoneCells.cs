using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>One cell of the mirror matrix by name.</summary>
/// <param name="Source">The source.</param>
/// <param name="Place">The place of the mirror.</param>
public readonly record struct CellRef(ResourceRef Source, ResourceRef Place);

/// <summary>
/// What the functions add to "again" for the exporter: that everything was looked at and all was done but these cells. So it need not send everything again, and
/// one mirror that cannot be written for hours costs a look at one cell from time to time.
/// </summary>
public static class UndoneCells
{
    /// <summary>The HTTP header of the answer that holds them.</summary>
    public const string Header = "Heliograph-Undone";

    /// <summary>What stands there where it would be too much to name them.</summary>
    public const string TooMany = "*";

    /// <summary>How many are named at most, and in how many characters: an HTTP client takes headers of 64 KB.</summary>
    private const int MaxCells = 128;
    private const int MaxLength = 16 * 1024;

    /// <summary>The header's value.</summary>
    public static string Write(IReadOnlyCollection<CellRef> cells)
    {
        if (cells.Count > MaxCells)
            return TooMany;
        // The names of Roles may hold anything but a slash and a percent sign.
        var text = string.Join(',', cells.Select(cell => $"{Uri.EscapeDataString(cell.Source.ToString())}>{Uri.EscapeDataString(cell.Place.ToString())}"));
        return text.Length > MaxLength ? TooMany : text;
    }

    /// <summary>Reads the header's value.</summary>
    /// <returns>The cells; the default where they are not named, or not so that all of them can be read.</returns>
    public static ImmutableArray<CellRef> Read(string value)
    {
        var cells = ImmutableArray.CreateBuilder<CellRef>();
        foreach (var cell in value.Split(','))
        {
            if (cell.Split('>') is not [var source, var place] || !ResourceRef.TryParse(Uri.UnescapeDataString(source), out var origin)
                || !ResourceRef.TryParse(Uri.UnescapeDataString(place), out var at) || cells.Count == MaxCells)
                return default;
            cells.Add(new CellRef(origin, at));
        }
        return cells.ToImmutable();
    }

    /// <summary>The hints that lead back to the cells: one for each place.</summary>
    public static IEnumerable<Hint.ObjectChanged> Hints(IEnumerable<CellRef> cells) => cells.GroupBy(cell => cell.Place)
        .Select(at => new Hint.ObjectChanged { Object = at.Key, MirrorOf = [.. at.Select(cell => cell.Source)] });
}
