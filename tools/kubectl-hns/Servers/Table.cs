using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Hns;

/// <summary>An object as the API server shows it to people.</summary>
internal sealed record TableRow(string Namespace, string Version, ImmutableArray<string> Cells);

/// <summary>Objects as the API server shows them to people; a server that draws no tables gets names and ages.</summary>
/// <param name="Columns">The titles, in capitals; none where a watch does not repeat them.</param>
/// <param name="Rows">The objects.</param>
/// <param name="Version">The version of the list, or of what a watch has come to.</param>
internal sealed record Table(ImmutableArray<string> Columns, ImmutableArray<TableRow> Rows, string Version)
{
    public const string Accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    public static Table Read(JsonElement answer, DateTimeOffset now) => answer.Text("kind") == "Table" ? Drawn(answer) : Plain(answer, now);

    private static Table Drawn(JsonElement table)
    {
        var definitions = table.Items("columnDefinitions").ToArray();
        // What has another priority is shown by "-o wide".
        bool IsShown(int i) => i >= definitions.Length || definitions[i].Text("priority") is "" or "0";
        return new Table(
            [.. definitions.Where((_, i) => IsShown(i)).Select(definition => definition.Text("name").ToUpperInvariant())],
            [
                .. table.Items("rows").Select(row => new TableRow(
                    row.Text("object", "metadata", "namespace"), row.Text("object", "metadata", "resourceVersion"), [.. row.Items("cells").Where((_, i) => IsShown(i)).Select(Cell)])),
            ],
            table.Text("metadata", "resourceVersion"));
    }

    private static Table Plain(JsonElement answer, DateTimeOffset now)
    {
        var objects = answer.At("items").ValueKind == JsonValueKind.Array ? answer.Items("items") : [answer];
        return new Table(
            ["NAME", "AGE"],
            [
                .. objects.Select(one => new TableRow(
                    one.Text("metadata", "namespace"), one.Text("metadata", "resourceVersion"),
                    [one.Text("metadata", "name"), HumanDuration.Since(one.Time("metadata", "creationTimestamp"), now)])),
            ],
            answer.Text("metadata", "resourceVersion"));
    }

    private static string Cell(JsonElement cell) => cell.ValueKind switch
    {
        JsonValueKind.String => cell.GetString()!.ReplaceLineEndings(" "),
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => cell.GetRawText(),
    };
}
