using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Heliograph.Topics;

/// <summary>A webhook.</summary>
/// <param name="Name">The subscription's name.</param>
/// <param name="Address">Where events are posted, with its secret in the query.</param>
/// <param name="Batch">How many events a request has at most.</param>
public sealed record WebhookDestination(string Name, Uri Address, int Batch = 1)
{
    /// <summary>How long Event Grid waits for an answer.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    internal Func<ImmutableArray<TopicEvent>, int, CancellationToken, Task<DeliveryAnswer>> Sender(TopicSchema schema, TimeProvider time) =>
        (events, attempts, cancellation) => SendAsync(events, attempts, schema, time, cancellation);

    private async Task<DeliveryAnswer> SendAsync(ImmutableArray<TopicEvent> events, int attempts, TopicSchema schema, TimeProvider time, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, Address);
        // One CloudEvent goes as such where there are no batches; Event Grid's own schema is always an array.
        var isArray = schema == TopicSchema.EventGrid || Batch > 1;
        request.Content = new StringContent(isArray ? $"[{string.Join(',', events.Select(e => e.Json))}]" : events.Single().Json, Encoding.UTF8);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(
            schema == TopicSchema.EventGrid ? "application/json; charset=utf-8" : "application/cloudevents+json; charset=utf-8");
        request.Headers.Add("aeg-event-type", "Notification");
        request.Headers.Add("aeg-subscription-name", Name.ToUpperInvariant());
        request.Headers.Add("aeg-delivery-count", attempts.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("aeg-metadata-version", "1");
        request.Headers.Add("aeg-data-version", schema == TopicSchema.EventGrid ? "1" : "");
        if (events.Length == 1)
            request.Headers.Add("aeg-output-event-id", Guid.NewGuid().ToString());
        try
        {
            using var response = await Http.SendAsync(request, either.Token);
            return new DeliveryAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(either.Token));
        }
        catch (HttpRequestException e)
        {
            return new DeliveryAnswer(0, e.HttpRequestError.ToString());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new DeliveryAnswer(0, "no answer in time");
        }
    }
}

/// <summary>A storage queue.</summary>
internal static class QueueDestination
{
    private const int MaxBytes = 49_152;

    public static Func<ImmutableArray<TopicEvent>, int, CancellationToken, Task<DeliveryAnswer>> Sender(Func<string, Task> put) => async (events, _, _) =>
    {
        var bytes = Encoding.UTF8.GetBytes(events.Single().Json);
        if (bytes.Length > MaxBytes)
            return new DeliveryAnswer(413, $"{bytes.Length} bytes do not fit into a message");
        await put(Convert.ToBase64String(bytes));
        return new DeliveryAnswer(201, "");
    };
}
