using System.Net.Http.Headers;
using System.Text.Json;

namespace Heliograph.Handler.Tests;

/// <summary>What the host makes of an answer to an invocation.</summary>
internal abstract record Invoked
{
    private Invoked()
    {
    }

    /// <summary>The invocation succeeded.</summary>
    public sealed record Succeeded(JsonElement Outputs, string Logs) : Invoked;

    /// <summary>The invocation failed: the trigger delivers again.</summary>
    public sealed record Failed(int Status, string Body) : Invoked;

    /// <summary>The host waits until its functionTimeout, and then kills the process and all that it does.</summary>
    public sealed record NeverCompletes(int Status) : Invoked;

    /// <summary>The connection broke: the process is gone.</summary>
    public sealed record Broken : Invoked;

    public static Invoked Of(int status, MediaTypeHeaderValue? type, string body)
    {
        if (status is < 200 or > 299)
            return new Failed(status, body);
        if (body.Trim() is "" or "null")
            return new NeverCompletes(status);
        if (type?.MediaType is not ("application/json" or "text/json"))
            return new Failed(status, body);
        try
        {
            var json = JsonDocument.Parse(body).RootElement;
            if (json.ValueKind != JsonValueKind.Object)
                return new Failed(status, body);
            var outputs = json.TryGetProperty("Outputs", out var some) ? some : default;
            return new Succeeded(outputs, json.TryGetProperty("Logs", out var logs) ? logs.ToString() : "");
        }
        catch (JsonException)
        {
            return new Failed(status, body);
        }
    }
}
