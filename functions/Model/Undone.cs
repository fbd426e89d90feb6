using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>One cell of the mirror matrix by name.</summary>
/// <param name="Source">The source.</param>
/// <param name="Place">The place of the mirror.</param>
public readonly record struct CellRef(ResourceRef Source, ResourceRef Place);

/// <summary>
/// What the functions add to "again" for the exporter: that the rest of what was told is done, and this is left. So it need not send everything again, and
/// one mirror that cannot be written for hours costs a look at one cell from time to time.
/// </summary>
public sealed record Undone
{
    /// <summary>The HTTP header of the answer that holds it.</summary>
    public const string Header = "Heliograph-Undone";

    private const string AllText = "*";

    /// <summary>How much is named at most, and in how many characters: an HTTP client takes headers of 64 KB.</summary>
    private const int MaxNames = 128;
    private const int MaxLength = 16 * 1024;

    /// <summary>Something is left, and nobody can say what: all that was told is to be looked at again.</summary>
    public static Undone All { get; } = new() { IsUnknown = true };

    /// <summary>Whether all is to be looked at again, because what is left is not known or would be too much to name.</summary>
    public bool IsAll => Names is null;

    /// <summary>The mirrors that could not be written, or not be looked at.</summary>
    public ImmutableArray<CellRef> Cells { get; init; } = [];

    /// <summary>The sources that could not be looked at. Where their mirrors bear other names, those are among <see cref="Cells"/>.</summary>
    public ImmutableArray<ResourceRef> Rows { get; init; } = [];

    /// <summary>The namespaces that could not be looked at. Only who told of them knows which sources they are to be held against.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    private bool IsUnknown { get; init; }

    /// <summary>What is left, by name; null where that is not known or too much. The names of Roles may hold anything but a slash and a percent sign.</summary>
    private string? Names
    {
        get
        {
            if (IsUnknown || Count > MaxNames)
                return null;
            var names = Cells.Select(cell => $"{Uri.EscapeDataString(cell.Source.ToString())}>{Uri.EscapeDataString(cell.Place.ToString())}")
                .Concat(Rows.Select(row => Uri.EscapeDataString(row.ToString())))
                .Concat(Columns);
            var text = string.Join(',', names);
            return text.Length > MaxLength ? null : text;
        }
    }

    /// <summary>How much is named.</summary>
    public int Count => Cells.Length + Rows.Length + Columns.Length;

    /// <summary>The header's value.</summary>
    public string Write() => Names ?? AllText;

    /// <summary>Reads the header's value. What cannot be read may mean anything, and so everything.</summary>
    public static Undone Read(string value)
    {
        var cells = ImmutableArray.CreateBuilder<CellRef>();
        var rows = ImmutableArray.CreateBuilder<ResourceRef>();
        var columns = ImmutableArray.CreateBuilder<string>();
        foreach (var name in value.Split(','))
        {
            if (cells.Count + rows.Count + columns.Count == MaxNames)
                return All;
            switch (name.Split('>').Select(Uri.UnescapeDataString).ToArray())
            {
                case [var source, var place] when ResourceRef.TryParse(source, out var origin) && ResourceRef.TryParse(place, out var at):
                    cells.Add(new CellRef(origin, at));
                    break;
                case [var row] when ResourceRef.TryParse(row, out var source):
                    rows.Add(source);
                    break;
                case [var column] when column is not ("" or AllText) && !column.Contains('/', StringComparison.Ordinal):
                    columns.Add(column);
                    break;
                default:
                    return All;
            }
        }
        return new Undone { Cells = cells.ToImmutable(), Rows = rows.ToImmutable(), Columns = columns.ToImmutable() };
    }

    /// <summary>The hints that lead back to <see cref="Cells"/> and <see cref="Rows"/>: one for each object.</summary>
    public IEnumerable<Hint.ObjectChanged> Hints()
    {
        var sources = Cells.ToLookup(cell => cell.Place, cell => cell.Source);
        return sources.Select(at => at.Key).Union(Rows)
            .Select(at => new Hint.ObjectChanged { Object = at, IsSource = Rows.Contains(at), MirrorOf = [.. sources[at]] });
    }
}
