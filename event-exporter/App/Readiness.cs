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

    /// <summary>One sentence for everything that is worth knowing though nothing is wrong.</summary>
    public ImmutableArray<string> Remarks => [.. watchers.All.Select(watcher => watcher.Status.Remark).Append(publisher.Remark).OfType<string>()];

    /// <summary>The answer of <c>/readyz</c>.</summary>
    public static ReadOnlyMemory<byte> ToJson(ImmutableArray<string> obstacles, ImmutableArray<string> remarks)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ready", obstacles.IsEmpty);
            Write(writer, "reasons", obstacles);
            if (!remarks.IsEmpty)
                Write(writer, "remarks", remarks);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, string list, ImmutableArray<string> sentences)
    {
        writer.WriteStartArray(list);
        foreach (var sentence in sentences)
            writer.WriteStringValue(sentence);
        writer.WriteEndArray();
    }
}
