using System.Diagnostics;
using System.Diagnostics.Metrics;
using Heliograph.Model;

namespace Heliograph.Exporter;

/// <summary>What happened, as counters; each method is a fact.</summary>
internal sealed class Telemetry : IDisposable
{
    public const string Name = "Heliograph.Exporter";

    private static readonly string[] lineTypes = ["added", "modified", "deleted", "bookmark", "failed"];

    private readonly Meter meter = new(Name);
    private readonly Counter<long> lines;
    private readonly Counter<long> lists;
    private readonly Counter<long> judged;
    private readonly Counter<long> published;
    private readonly Counter<long> refused;
    private readonly Counter<long> retries;

    public Telemetry(IEnumerable<Kind> kinds, Mailroom mailroom)
    {
        lines = meter.CreateCounter<long>("heliograph.exporter.lines", "{line}", "Lines of watches, by kind and type.");
        lists = meter.CreateCounter<long>("heliograph.exporter.lists", "{list}", "Lists begun, by kind. More than one a kind means that a watch could not be resumed.");
        judged = meter.CreateCounter<long>("heliograph.exporter.changes", "{change}", "Changes by verdict: told, echo of our own writes, irrelevant.");
        published = meter.CreateCounter<long>("heliograph.exporter.published", "{event}", "Events acknowledged.");
        refused = meter.CreateCounter<long>("heliograph.exporter.refused", "{event}", "Events dropped because the endpoint says that they are invalid.");
        retries = meter.CreateCounter<long>("heliograph.exporter.retries", "{request}", "Requests with events that must be sent again.");
        meter.CreateObservableGauge("heliograph.exporter.outbox", () => mailroom.Count, "{event}", "Notices waiting or on their way.");
        meter.CreateObservableGauge(
            "heliograph.exporter.undone", () => mailroom.Undone.Count, "{event}", "Notices that could not be done though the endpoint is well, such as of a mirror whose namespace refuses it; tried again by themselves.");
        meter.CreateObservableGauge("heliograph.exporter.publishing", () => mailroom.IsOpen ? 1 : 0, "{replica}", "Whether this replica publishes; without a Lease it always does.");
        foreach (var kind in kinds)
        {
            lists.Add(0, Tag("kind", kind.Name));
            foreach (var type in lineTypes)
                lines.Add(0, Tag("kind", kind.Name), Tag("type", type));
        }
        foreach (var verdict in (string[])["told", "echo", "irrelevant"])
            judged.Add(0, Tag("verdict", verdict));
        published.Add(0);
        refused.Add(0);
        retries.Add(0);
    }

    /// <summary>The traces begin here: one for each change that is told.</summary>
    public ActivitySource Traces { get; } = new(Name);

    public void ListBegan(Kind kind) => lists.Add(1, Tag("kind", kind.Name));

    public void LineCame(Kind kind, WatchLine line) => lines.Add(1, Tag("kind", kind.Name), Tag("type", line switch
    {
        WatchLine.Added => "added",
        WatchLine.Modified => "modified",
        WatchLine.Deleted => "deleted",
        WatchLine.Bookmark => "bookmark",
        _ => "failed",
    }));

    public void Told() => judged.Add(1, Tag("verdict", "told"));

    public void EchoDropped() => judged.Add(1, Tag("verdict", "echo"));

    public void Irrelevant() => judged.Add(1, Tag("verdict", "irrelevant"));

    public void Published(int events) => published.Add(events);

    public void Refused() => refused.Add(1);

    public void MustRetry() => retries.Add(1);

    public void Dispose()
    {
        meter.Dispose();
        Traces.Dispose();
    }

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}
