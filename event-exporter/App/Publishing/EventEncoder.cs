using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Exporter.Publishing;

/// <summary>One event as it goes over the wire.</summary>
/// <param name="Parcel">What it belongs to.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Body">The CloudEvent as JSON.</param>
/// <param name="IsLastOfParcel">Whether the parcel has arrived once this event has.</param>
internal sealed record EncodedEvent(Parcel Parcel, string Subject, ReadOnlyMemory<byte> Body, bool IsLastOfParcel)
{
    /// <summary>Whether it is the word that everything has been seen, which must never be dropped.</summary>
    public bool IsSync => Parcel.Notice.Hint is Hint.SyncCompleted;
}

/// <summary>From parcels to CloudEvents 1.0 in the JSON format.</summary>
/// <param name="clusterName">The cluster's name in the source of events.</param>
/// <param name="maxBytes">How many bytes an event may have; a hint that needs more is told in several.</param>
internal sealed class EventEncoder(string clusterName, int maxBytes = int.MaxValue)
{
    private static readonly CloudEventAttribute traceParent = CloudEventAttribute.CreateExtension("traceparent", CloudEventAttributeType.String);

    private readonly Uri source = new($"/clusters/{Uri.EscapeDataString(clusterName)}/exporter", UriKind.Relative);
    private readonly Formatter formatter = new();

    /// <summary>The events of a parcel, in order. References are what makes a hint large, so with few enough of them every event fits.</summary>
    public IEnumerable<EncodedEvent> Encode(Parcel parcel)
    {
        for (var references = HintJson.MaxReferences; ; references /= 2)
        {
            var events = parcel.Notice.Events(references).Select(e => (e.Hint.Subject, Body: Encode(parcel, e.Id, e.Hint))).ToList();
            if (references == 1 || events.TrueForAll(e => e.Body.Length <= maxBytes))
                return events.Select((e, i) => new EncodedEvent(parcel, e.Subject, e.Body, i == events.Count - 1));
        }
    }

    private ReadOnlyMemory<byte> Encode(Parcel parcel, string id, Hint hint)
    {
        var told = new CloudEvent
        {
            Id = id,
            Source = source,
            Type = hint.EventType,
            Subject = hint.Subject,
            Time = parcel.Seen,
            DataContentType = "application/json",
            Data = HintJson.Write(hint),
        };
        if (parcel.TraceParent is not null)
            told[traceParent] = parcel.TraceParent;
        return formatter.EncodeStructuredModeMessage(told, out _);
    }

    /// <summary>The library's formatter, with data that is JSON already: no reflection, so that it can be compiled ahead of time.</summary>
    private sealed class Formatter : JsonEventFormatter
    {
        protected override void EncodeStructuredModeData(CloudEvent cloudEvent, Utf8JsonWriter writer)
        {
            writer.WritePropertyName(DataPropertyName);
            writer.WriteRawValue((byte[])cloudEvent.Data!);
        }
    }
}
