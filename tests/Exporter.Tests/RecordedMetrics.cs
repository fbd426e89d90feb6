using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Heliograph.Exporter.Tests;

/// <summary>The sums of the exporter's counters from now on; no two tests run at a time, so they are this test's.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly ConcurrentDictionary<string, long> sums = new();
    private readonly MeterListener listener = new();

    public RecordedMetrics()
    {
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Name == Telemetry.Name)
                all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            foreach (var (key, tag) in tags)
                sums.AddOrUpdate($"{instrument.Name} {key}={tag}", value, (_, sum) => sum + value);
        });
        listener.Start();
    }

    /// <summary>The sum of a counter, or, written <c>name tag=value</c>, of what bears a tag.</summary>
    public long this[string name] => sums.GetValueOrDefault(name);

    public void Dispose() => listener.Dispose();
}
