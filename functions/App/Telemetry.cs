using System.Diagnostics.Metrics;
using Heliograph.Engine;

namespace Heliograph.Functions;

/// <summary>What happened, as counters.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly Meter meter = new("Heliograph.Functions");
    private readonly Counter<long> events;
    private readonly Counter<long> cells;
    private readonly Counter<long> drift;

    public Telemetry()
    {
        events = meter.CreateCounter<long>("heliograph.functions.events", "{event}", "CloudEvents received, by type and answer.");
        cells = meter.CreateCounter<long>("heliograph.functions.cells", "{cell}", "Cells of the mirror matrix decided on, by act, reason and result.");
        drift = meter.CreateCounter<long>("heliograph.functions.drift", "{cell}", "Cells that a timed sweep had to change: what events have missed.");
        events.Add(0);
        drift.Add(0);
        foreach (var result in Enum.GetValues<CellResult>())
            cells.Add(0, new KeyValuePair<string, object?>("result", result.ToString()));
    }

    public void Received(string type, string answer) =>
        events.Add(1, new KeyValuePair<string, object?>("type", type), new KeyValuePair<string, object?>("answer", answer));

    public void Record(Outcome outcome)
    {
        foreach (var group in outcome.Cells.GroupBy(cell => (cell.Intent.Act, cell.Intent.Reason, cell.Result)))
        {
            cells.Add(
                group.Count(),
                new KeyValuePair<string, object?>("act", group.Key.Act.ToString()),
                new KeyValuePair<string, object?>("reason", group.Key.Reason.ToString()),
                new KeyValuePair<string, object?>("result", group.Key.Result.ToString()));
        }
    }

    public void Drifted(int count) => drift.Add(count);

    public void Dispose() => meter.Dispose();
}
