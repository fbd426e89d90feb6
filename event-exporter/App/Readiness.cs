using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Exporter.Leading;
using Heliograph.Exporter.Publishing;

namespace Heliograph.Exporter;

/// <summary>Whether everything is as it should be, and if not, all that is not.</summary>
internal sealed class Readiness(Watchers watchers, PublisherStatus publisher, Leadership? leadership = null)
{
    /// <summary>One sentence for everything that is wrong; empty where we are ready.</summary>
    public ImmutableArray<string> Obstacles =>
        [.. watchers.All.Select(watcher => watcher.Status.Obstacle).Append(publisher.Obstacle).Append(leadership?.Obstacle).OfType<string>()];

    /// <summary>The answer of <c>/readyz</c>.</summary>
    public static ReadOnlyMemory<byte> ToJson(ImmutableArray<string> obstacles)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ready", obstacles.IsEmpty);
            writer.WriteStartArray("reasons");
            foreach (var obstacle in obstacles)
                writer.WriteStringValue(obstacle);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
