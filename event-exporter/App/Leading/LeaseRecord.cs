using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Exporter.Leading;

/// <summary>What a Lease says.</summary>
/// <param name="Holder">Who has it; empty where nobody does.</param>
/// <param name="Seconds">For how long it is good after a renewal.</param>
/// <param name="Transitions">How often it has changed hands.</param>
/// <param name="Acquired">When the holder got it.</param>
/// <param name="Renewed">When he last renewed it, by his clock. Nobody else's clock is compared with it.</param>
internal sealed record LeaseRecord(string Holder, int Seconds, int Transitions, DateTimeOffset Acquired, DateTimeOffset Renewed)
{
    private const string Time = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    /// <summary>Nobody's.</summary>
    public static LeaseRecord Free { get; } = new("", 1, 0, default, default);

    /// <summary>Reads the <c>spec</c>; what is missing there counts as nobody's.</summary>
    public static LeaseRecord Read(Content? content)
    {
        var record = Free;
        foreach (var entry in content?.Entries("spec") ?? [])
        {
            record = (entry.Name, entry.Value.ValueKind) switch
            {
                ("holderIdentity", JsonValueKind.String) => record with { Holder = entry.Value.GetString()! },
                ("leaseDurationSeconds", JsonValueKind.Number) when entry.Value.TryGetInt32(out var seconds) => record with { Seconds = seconds },
                ("leaseTransitions", JsonValueKind.Number) when entry.Value.TryGetInt32(out var transitions) => record with { Transitions = transitions },
                ("acquireTime", JsonValueKind.String) when entry.Value.TryGetDateTimeOffset(out var at) => record with { Acquired = at },
                ("renewTime", JsonValueKind.String) when entry.Value.TryGetDateTimeOffset(out var at) => record with { Renewed = at },
                _ => record,
            };
        }
        return record;
    }

    /// <summary>The whole object.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="version">The version that this rests on; null where it is to be created.</param>
    public ReadOnlyMemory<byte> ToJson(string ns, string name, string? version)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", Kinds.Lease.ApiVersion);
            json.WriteString("kind", Kinds.Lease.Name);
            json.WriteStartObject("metadata");
            json.WriteString("name", name);
            json.WriteString("namespace", ns);
            if (version is not null)
                json.WriteString("resourceVersion", version);
            json.WriteEndObject();
            json.WriteStartObject("spec");
            json.WriteString("holderIdentity", Holder);
            json.WriteNumber("leaseDurationSeconds", Seconds);
            json.WriteNumber("leaseTransitions", Transitions);
            json.WriteString("acquireTime", Acquired.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
            json.WriteString("renewTime", Renewed.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
