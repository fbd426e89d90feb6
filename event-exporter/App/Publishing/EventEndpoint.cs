using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Heliograph.Hosting;
using Heliograph.Model;

namespace Heliograph.Exporter.Publishing;

/// <summary>The other end: takes events over HTTP, one in structured mode, several as a batch.</summary>
internal sealed class EventEndpoint(BusSettings.Http settings, TimeProvider time) : ITransport, IDisposable
{
    /// <summary>Long enough for the functions to do all that follows from a batch before they answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private static readonly MediaTypeHeaderValue single = new("application/cloudevents+json", "utf-8");
    private static readonly MediaTypeHeaderValue batch = new("application/cloudevents-batch+json", "utf-8");

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        // A redirect would take the key with it.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        SslOptions = Tls(settings),
    })
    {
        Timeout = Timeout,
    };

    /// <summary>What the functions do in one go, or not at all.</summary>
    public TransportLimits Limits => new(Events: 100, Bytes: 1 << 20, EventBytes: 1 << 20);

    public Setting Setting => BusSettings.EndpointIs;

    /// <summary>Sends events in one request.</summary>
    public async Task<Answer> SendAsync(ReadOnlyMemory<EncodedEvent> events, CancellationToken cancellation)
    {
        if (settings.SharedKey.Current() is not { } key)
            return new Answer.Misconfigured($"{settings.SharedKey} cannot be read; see the setting {BusSettings.KeyFile.Name}");
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Endpoint) { Content = Content(events.Span) };
        request.Headers.TryAddWithoutValidation(SharedKey.HeaderName, key);
        request.Headers.TryAddWithoutValidation(EventTypes.DirectHeader, "true");
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            return Read(response);
        }
        catch (HttpRequestException e)
        {
            return new Answer.NotNow(
                e.HttpRequestError == HttpRequestError.SecureConnectionError
                    ? $"{settings.Endpoint} shows a certificate that is not trusted, or does not accept ours; see the settings {BusSettings.AuthorityFile.Name} and {BusSettings.CertificateFileIs.Name}"
                    : $"{settings.Endpoint} does not answer ({e.HttpRequestError})",
                null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Answer.NotNow(
                string.Create(CultureInfo.InvariantCulture, $"{settings.Endpoint} does not answer within {Timeout.TotalSeconds} seconds"), null);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>Asked for at each handshake, so that rotated files are seen by the next connection.</summary>
    private static SslClientAuthenticationOptions Tls(BusSettings.Http settings)
    {
        var options = new SslClientAuthenticationOptions();
        if (settings.Certificate is { } certificate)
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate.Current()!.TargetCertificate;
        if (settings.Authorities is { } authorities)
        {
            // Its name must be right; who vouches for it is judged by our authorities alone.
            options.RemoteCertificateValidationCallback = (_, shown, offered, errors) =>
                shown is X509Certificate2 certificate && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && authorities.VouchFor(certificate, offered);
        }
        return options;
    }

    private static ReadOnlyMemoryContent Content(ReadOnlySpan<EncodedEvent> events)
    {
        if (events.Length == 1)
            return new ReadOnlyMemoryContent(events[0].Body) { Headers = { ContentType = single } };
        return new ReadOnlyMemoryContent(EventArray.Of(events)) { Headers = { ContentType = batch } };
    }

    private Answer Read(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var answered = $"{settings.Endpoint} answers {status}";
        return response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => new Answer.Accepted(),
            HttpStatusCode.ServiceUnavailable when response.Headers.TryGetValues(Undone.Header, out var undone) => new Answer.Undone(Undone.Read(string.Join(',', undone)), RetryAfter(response)),
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity => new Answer.Invalid(status),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new Answer.Misconfigured(
                $"{answered}: it does not accept the key; see the settings {BusSettings.Key.Name} and {BusSettings.KeyFile.Name}"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 => new Answer.NotNow(answered, RetryAfter(response)),
            _ when status >= 500 => new Answer.NotNow(answered, RetryAfter(response)) { MayBeOneEvent = status is 500 or 503 },
            _ => new Answer.Misconfigured($"{answered}: it takes no events; see the setting {BusSettings.EndpointIs.Name}"),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };
}
