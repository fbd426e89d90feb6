using System.Globalization;
using System.Text;
using System.Text.Json;
using Heliograph.Engine;
using Heliograph.Rules;

namespace Heliograph.Functions.Resync;

/// <summary>An outcome, or the plan of a dry run, for people and for programs.</summary>
internal static class Report
{
    /// <summary>One line for each cell that is not as it should be, and a last line that sums up.</summary>
    public static string Text(Outcome outcome, bool dryRun)
    {
        var text = new StringBuilder();
        foreach (var cell in Sorted(outcome).Where(cell => cell.Result != CellResult.Unchanged))
            text.Append(CultureInfo.InvariantCulture, $"{Word(cell),-10} {cell.Source} -> {cell.Place.Namespace}/{cell.Place.Name}  {Why(cell)}\n");
        foreach (var change in outcome.Hierarchy)
            text.Append(CultureInfo.InvariantCulture, $"{"tree",-10} {change}  ({Word(change.Result, dryRun)})\n");
        foreach (var held in outcome.Held)
            text.Append(CultureInfo.InvariantCulture, $"{"held",-10} {held.Anchor.Ref}  {held.Why}\n");
        foreach (var fault in outcome.Faults)
            text.Append(CultureInfo.InvariantCulture, $"{"invalid",-10} {fault.Object}  {fault}\n");
        foreach (var unread in outcome.Unread)
            text.Append(CultureInfo.InvariantCulture, $"{"unread",-10} {unread.Scope}  {unread.Failure}\n");
        var counts = outcome.Cells.GroupBy(cell => cell.Result).OrderBy(group => group.Key).Select(group => $"{group.Count()} {Word(group.Key, dryRun)}");
        return text.Append(outcome.Cells.IsEmpty ? "no mirrors\n" : string.Join(", ", counts) + "\n").ToString();
    }

    /// <summary>The same as JSON.</summary>
    public static byte[] Json(Outcome outcome, bool dryRun) => JsonText.Object(json =>
    {
        json.WriteBoolean("dryRun", dryRun);
        json.WriteBoolean("complete", !outcome.MustRetry && outcome.Unread.IsEmpty);
        json.WriteStartArray("cells");
        foreach (var cell in Sorted(outcome))
            WriteCell(json, cell);
        json.WriteEndArray();
        json.WriteStartArray("hierarchy");
        foreach (var change in outcome.Hierarchy)
        {
            json.WriteStartObject();
            json.WriteString("object", change.Target.ToString());
            json.WriteString("what", change.What);
            json.WriteString("result", change.Result.ToString());
            if (change.Failure is { } failure)
                json.WriteString("failure", failure.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("held");
        foreach (var held in outcome.Held)
        {
            json.WriteStartObject();
            json.WriteString("object", held.Anchor.Ref.ToString());
            json.WriteString("why", held.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("faults");
        foreach (var fault in outcome.Faults)
            WriteFault(json, fault);
        json.WriteEndArray();
        json.WriteStartArray("unread");
        foreach (var unread in outcome.Unread)
        {
            json.WriteStartObject();
            json.WriteString("scope", unread.Scope.ToString());
            json.WriteString("failure", unread.Failure.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static void WriteCell(Utf8JsonWriter json, CellOutcome cell)
    {
        json.WriteStartObject();
        json.WriteString("source", cell.Source.ToString());
        json.WriteString("mirror", cell.Place.ToString());
        json.WriteString("act", cell.Intent.Act.ToString());
        json.WriteString("reason", cell.Intent.Reason.ToString());
        json.WriteString("detail", cell.Intent.Detail);
        json.WriteString("result", cell.Result.ToString());
        if (cell.Failure is { } failure)
            json.WriteString("failure", failure.ToString());
        json.WriteEndObject();
    }

    private static void WriteFault(Utf8JsonWriter json, Fault fault)
    {
        json.WriteStartObject();
        json.WriteString("object", fault.Object.ToString());
        json.WriteString("annotation", fault.Annotation);
        json.WriteString("problem", fault.Problem);
        json.WriteString("remedy", fault.Remedy);
        json.WriteEndObject();
    }

    private static IEnumerable<CellOutcome> Sorted(Outcome outcome) => outcome.Cells
        .OrderBy(cell => cell.Source.ToString(), StringComparer.Ordinal).ThenBy(cell => cell.Place.ToString(), StringComparer.Ordinal);

    private static string Word(CellOutcome cell) => cell.Result is CellResult.Planned or CellResult.Done ? cell.Intent.Act switch
    {
        Act.Write => cell.Intent.Reason == Reason.Missing ? "create" : "update",
        Act.Replace => "replace",
        Act.Remove => "remove",
        _ => "release",
    } : Word(cell.Result, dryRun: false);

    private static string Word(CellResult result, bool dryRun) => result switch
    {
        CellResult.Unchanged => "up to date",
        CellResult.Planned => "to do",
        CellResult.Done => "done",
        CellResult.Refused => "refused",
        _ => dryRun ? "unclear" : "to retry",
    };

    private static string Why(CellOutcome cell) => string.Join(": ", new[]
    {
        cell.Intent.Reason.ToString(), cell.Intent.Detail, cell.Failure?.ToString() ?? "",
    }.Where(part => part.Length > 0));
}
