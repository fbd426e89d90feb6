using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Heliograph.Topics;

/// <summary>A webhook did not consent to get events.</summary>
public sealed class HandshakeException(string message) : Exception(message);

/// <summary>Asks a webhook whether it wants events, as the schema has it.</summary>
internal static class Handshake
{
    private const string Origin = "eventgrid.azure.net";

    public static Task ShakeAsync(WebhookDestination webhook, TopicSchema schema, CancellationToken cancellation) =>
        schema == TopicSchema.CloudEvents ? AskAsync(webhook, cancellation) : ValidateAsync(webhook, cancellation);

    /// <summary>The abuse protection of the CloudEvents webhook specification.</summary>
    private static async Task AskAsync(WebhookDestination webhook, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, webhook.Address);
        request.Headers.Add("WebHook-Request-Origin", Origin);
        request.Headers.Add("WebHook-Request-Rate", "120");
        using var response = await SendAsync(request, cancellation);
        var allowed = response.Headers.TryGetValues("WebHook-Allowed-Origin", out var values) ? values.Single() : "";
        if (response.StatusCode != HttpStatusCode.OK || allowed is not (Origin or "*"))
            throw new HandshakeException($"{(int)response.StatusCode}, WebHook-Allowed-Origin \"{allowed}\"");
    }

    private static async Task ValidateAsync(WebhookDestination webhook, CancellationToken cancellation)
    {
        var code = Guid.NewGuid().ToString();
        var told = new JsonArray(new JsonObject
        {
            ["id"] = Guid.NewGuid().ToString(),
            ["topic"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/t",
            ["subject"] = "",
            ["eventType"] = "Microsoft.EventGrid.SubscriptionValidationEvent",
            ["eventTime"] = "2026-01-01T00:00:00.0000000Z",
            ["metadataVersion"] = "1",
            ["dataVersion"] = "2",
            ["data"] = new JsonObject { ["validationCode"] = code, ["validationUrl"] = "https://rp.example:553/validate" },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Address) { Content = new StringContent(told.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Add("aeg-event-type", "SubscriptionValidation");
        request.Headers.Add("aeg-subscription-name", webhook.Name.ToUpperInvariant());
        using var response = await SendAsync(request, cancellation);
        var answer = await response.Content.ReadAsStringAsync(cancellation);
        // 202 is no consent.
        if (response.StatusCode != HttpStatusCode.OK || (string?)JsonNode.Parse(answer)?["validationResponse"] != code)
            throw new HandshakeException($"{(int)response.StatusCode}: {answer}");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(WebhookDestination.Patience);
        return await WebhookDestination.Http.SendAsync(request, patience.Token);
    }
}
