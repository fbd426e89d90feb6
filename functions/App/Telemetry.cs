using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Heliograph.Engine;
using Heliograph.Functions.Telling;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions;

/// <summary>How an events request was answered.</summary>
internal enum EventsAnswer
{
    /// <summary>Acknowledged.</summary>
    Done,

    /// <summary>To be delivered again.</summary>
    Again,

    /// <summary>Acknowledged only in part: something in the request can never be read.</summary>
    Invalid,
}

/// <summary>
/// What happened, as counters. Every series is there at zero from the start, whenever somebody begins to collect, so that "never" can be told
/// from "not measured".
/// </summary>
internal sealed class Telemetry : IDisposable
{
    /// <summary>The name of the meter, for whoever collects.</summary>
    public const string MeterName = "Heliograph.Functions";

    /// <summary>What stands for every type that is not ours: a caller must not be able to make series without end.</summary>
    public const string UnknownType = "unknown";

    private static readonly string[] Types =
        [EventTypes.ObjectChanged, EventTypes.ObjectDeleted, EventTypes.NamespaceChanged, EventTypes.SyncCompleted, UnknownType];

    /// <summary>How many events' traces one batch refers to.</summary>
    private const int MostLinks = 100;

    private readonly Meter meter = new(MeterName);
    private readonly Tally<(string, EventsAnswer)> events;
    private readonly Tally<(Reason, CellResult)> cells;
    private readonly Tally<NoticeFate> notices;
    private readonly Tally<string> reviews;
    private readonly Counts faults = new();
    private readonly Counts drift = new();

    public Telemetry()
    {
        events = new(
            meter, "heliograph.functions.events", "{event}", "CloudEvents received, by type and answer.",
            [.. from type in Types from answer in Enum.GetValues<EventsAnswer>() select (type, answer)],
            key => [new("type", key.Item1), new("answer", key.Item2.ToString())]);
        cells = new(
            meter, "heliograph.functions.cells", "{cell}", "Cells of the mirror matrix decided on, by reason and result.",
            [.. from reason in Enum.GetValues<Reason>() from result in Enum.GetValues<CellResult>() select (reason, result)],
            key => [new("reason", key.Item1.ToString()), new("result", key.Item2.ToString())]);
        notices = new(
            meter, "heliograph.functions.notices", "{notice}", "What was to be told by Kubernetes Events, by what became of it.",
            Enum.GetValues<NoticeFate>(), key => [new("fate", key.ToString())]);
        reviews = new(
            meter, "heliograph.functions.reviews", "{review}", "Requests to the API server that were reviewed, by answer.", ["allowed", "refused", "unavailable"],
            key => [new("answer", key)]);
        meter.CreateObservableCounter("heliograph.functions.faults", () => faults.Value, "{fault}", "Annotations that could not be read, each time they were come upon.");
        meter.CreateObservableCounter("heliograph.functions.drift", () => drift.Value, "{cell}", "Cells that a timed sweep had to change: what events have missed.");
    }

    /// <summary>Where the traces go on that events bring along.</summary>
    public ActivitySource Traces { get; } = new(MeterName);

    /// <summary>Goes on with the trace of an event; where several came together, begins one that refers to theirs.</summary>
    /// <param name="traceParents">The events' <c>traceparent</c>s.</param>
    public Activity? Take(ImmutableArray<string> traceParents)
    {
        var contexts = traceParents.Distinct().Take(MostLinks)
            .Select(text => (IsOne: ActivityContext.TryParse(text, null, isRemote: true, out var context), Context: context))
            .Where(parsed => parsed.IsOne).Select(parsed => parsed.Context).ToArray();
        if (contexts is [var only])
            return Traces.StartActivity("take", ActivityKind.Consumer, only);
        // The request's own span is nobody's, so what had it for a parent would be sampled by nobody.
        Activity.Current = null;
        return Traces.StartActivity("take", ActivityKind.Consumer, default(ActivityContext), links: contexts.Select(context => new ActivityLink(context)));
    }

    public void Received(string type, EventsAnswer answer) => events.Add((Types.Contains(type) ? type : UnknownType, answer), 1);

    public void Record(Outcome outcome)
    {
        foreach (var group in outcome.Cells.GroupBy(cell => (cell.Reason, cell.Result)))
            cells.Add(group.Key, group.Count());
        faults.Add(outcome.Faults.Length);
    }

    public void Reviewed(AdmissionAnswer answer) =>
        reviews.Add(answer switch { AdmissionAnswer.Allowed => "allowed", AdmissionAnswer.Refused { Code: >= 500 } => "unavailable", _ => "refused" }, 1);

    public void Noticed(NoticeFate fate) => notices.Add(fate, 1);

    public void Drifted(int count) => drift.Add(count);

    /// <summary>Whether a meter is this one; a process may have several of its name.</summary>
    public bool Owns(Meter other) => ReferenceEquals(meter, other);

    public void Dispose()
    {
        meter.Dispose();
        Traces.Dispose();
    }

    private sealed class Counts
    {
        private long value;

        public long Value => Interlocked.Read(ref value);

        public void Add(long count) => Interlocked.Add(ref value, count);
    }

    /// <summary>A counter with one series for each of a closed set of keys.</summary>
    private sealed class Tally<TKey>
        where TKey : notnull
    {
        private readonly Dictionary<TKey, Counts> counts;

        public Tally(Meter meter, string name, string unit, string description, IEnumerable<TKey> keys, Func<TKey, KeyValuePair<string, object?>[]> tags)
        {
            counts = keys.ToDictionary(key => key, _ => new Counts());
            var series = counts.Select(pair => (Counts: pair.Value, Tags: tags(pair.Key))).ToArray();
            meter.CreateObservableCounter(name, () => series.Select(one => new Measurement<long>(one.Counts.Value, one.Tags)), unit, description);
        }

        public void Add(TKey key, long count) => counts[key].Add(count);
    }
}
