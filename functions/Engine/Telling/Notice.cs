using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>Something that a person should be told on an object: it becomes a Kubernetes Event of type <c>Warning</c>.</summary>
/// <param name="Bearer">The object.</param>
/// <param name="Reason">The Event's reason.</param>
/// <param name="Message">What to tell, at most <see cref="MaxMessage"/> characters.</param>
public sealed record Notice(Bearer Bearer, Reason Reason, string Message)
{
    /// <summary>The API server takes no more.</summary>
    public const int MaxMessage = 1024;

    private const string Component = "heliograph";

    /// <summary>
    /// The Event's name, which follows from the object, the reason and the message: telling the same twice asks for a name that is taken, and so any
    /// number of instances need no memory to tell a thing once.
    /// </summary>
    public string EventName
    {
        get
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Bearer.Uid}\n{Reason}\n{Message}"));
            return $"{Component}.{Convert.ToHexStringLower(hash.AsSpan(0, 12))}";
        }
    }

    /// <summary>The Event's namespace: the object's own; the API server wants those of namespaces in <c>default</c>.</summary>
    public string EventNamespace => Bearer.Object.Namespace is { Length: > 0 } ns ? ns : "default";

    /// <summary>The request that makes the Event.</summary>
    /// <param name="kind">The object's row of the kinds table.</param>
    /// <param name="now">When it was found.</param>
    public Write ToEvent(Kind kind, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", Kinds.Event.ApiVersion);
            json.WriteString("kind", Kinds.Event.Name);
            json.WriteStartObject("metadata");
            json.WriteString("namespace", EventNamespace);
            json.WriteString("name", EventName);
            json.WriteEndObject();
            WriteObject(json, kind);
            json.WriteString("type", "Warning");
            json.WriteString("reason", Reason.ToString());
            json.WriteString("message", Message);
            json.WriteNumber("count", 1);
            json.WriteString("firstTimestamp", time);
            json.WriteString("lastTimestamp", time);
            json.WriteStartObject("source");
            json.WriteString("component", Component);
            json.WriteEndObject();
            json.WriteString("reportingComponent", Component);
            json.WriteEndObject();
        }
        return new Write(WriteVerb.Create, Kinds.Event, EventNamespace, EventName, buffer.WrittenMemory);
    }

    private void WriteObject(Utf8JsonWriter json, Kind kind)
    {
        json.WriteStartObject("involvedObject");
        json.WriteString("apiVersion", kind.ApiVersion);
        json.WriteString("kind", kind.Name);
        if (Bearer.Object.Namespace.Length > 0)
            json.WriteString("namespace", Bearer.Object.Namespace);
        json.WriteString("name", Bearer.Object.Name);
        json.WriteString("uid", Bearer.Uid);
        json.WriteEndObject();
    }
}
