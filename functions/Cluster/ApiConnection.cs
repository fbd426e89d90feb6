using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Heliograph.Cluster.Access;
using Heliograph.Engine;

namespace Heliograph.Cluster;

/// <summary>
/// Sends requests and turns everything that can go wrong into a <see cref="ClusterException"/>: the one place that knows deadlines, credentials,
/// counting and failures. No exception of the HTTP stack leaves it, because nobody knows what those quote.
/// </summary>
internal sealed class ApiConnection : IDisposable
{
    private const int MaxStatusBytes = 1 << 20;

    private readonly ClusterAccess access;
    private readonly HttpMessageInvoker http;
    private readonly RequestCounter counter;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly string server;
    private readonly ProductInfoHeaderValue userAgent = new("heliograph", typeof(ApiConnection).Assembly.GetName().Version!.ToString(3));

    public ApiConnection(ClusterAccess access, TimeSpan timeout, RequestCounter counter, TimeProvider time)
    {
        this.access = access;
        this.timeout = timeout;
        this.counter = counter;
        this.time = time;
        server = access.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        http = new HttpMessageInvoker(Transport.Create(access));
    }

    /// <summary>Scheme, host and port of the server.</summary>
    public string Endpoint => access.Server.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Whether no authority is named that vouches for the server, or for the proxy before it.</summary>
    public bool NeedsSystemAuthorities => access.Authorities is null || access.Proxy is not null;

    /// <summary>Sends a request and reads its answer, all of it within the request's time.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="read">Reads the body of a success; a body it cannot make sense of is an <see cref="Failures.Malformed"/> answer.</param>
    /// <param name="cancellation">The caller's own wish to stop, the only one that stays an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ClusterException">There was no success.</exception>
    public async Task<T> AskAsync<T>(ApiRequest request, Func<Stream, CancellationToken, ValueTask<T>> read, CancellationToken cancellation)
    {
        var (response, deadline) = await SendAsync(request, cancellation).ConfigureAwait(false);
        using (deadline)
        using (response)
        {
            try
            {
                var body = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
                await using (body.ConfigureAwait(false))
                    return await read(body, deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (IsBroken(e, cancellation) || IsUnreadable(e))
            {
                throw new ClusterException(Failures.Broken(request.Title, (int)response.StatusCode, e));
            }
        }
    }

    /// <summary>Sends a request whose answer does not end, and returns once it has begun. The caller disposes of it.</summary>
    /// <exception cref="ClusterException">There was no success.</exception>
    public async Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellation)
    {
        var (response, deadline) = await SendAsync(request, cancellation).ConfigureAwait(false);
        deadline.Dispose();
        return response;
    }

    /// <summary>
    /// Sends a request and returns once there is an answer, refusals included. The caller disposes of both, and must take care of what a refusal says: it
    /// may quote the request.
    /// </summary>
    /// <exception cref="ClusterException">There was no answer.</exception>
    public async Task<(HttpResponseMessage Response, CancellationTokenSource Deadline)> ReachAsync(ApiRequest request, CancellationToken cancellation)
    {
        var credential = await CredentialAsync(request, cancellation).ConfigureAwait(false);
        var attempt = await AttemptAsync(request, credential, cancellation).ConfigureAwait(false);
        if (attempt.Response.StatusCode != HttpStatusCode.Unauthorized)
            return attempt;
        // Once more with other credentials where the first were refused: a refused request was not looked at, so nothing can happen twice.
        var renewed = await RenewedAsync(credential, cancellation).ConfigureAwait(false);
        if (renewed is null)
            return attempt;
        attempt.Response.Dispose();
        attempt.Deadline.Dispose();
        return await AttemptAsync(request, renewed, cancellation).ConfigureAwait(false);
    }

    public void Dispose()
    {
        http.Dispose();
        access.Dispose();
    }

    /// <summary>Whether an exception comes from the way there and back, rather than from the caller or from a mistake of ours.</summary>
    public static bool IsBroken(Exception exception, CancellationToken cancellation) => exception switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        HttpRequestException or IOException => true,
        _ => false,
    };

    /// <summary>Whether a reader of JSON threw this at a text that is no JSON, no UTF-8, or too long.</summary>
    public static bool IsUnreadable(Exception exception) => exception is JsonException or InvalidOperationException or InvalidDataException;

    private async Task<(HttpResponseMessage Response, CancellationTokenSource Deadline)> SendAsync(ApiRequest request, CancellationToken cancellation)
    {
        var (response, deadline) = await ReachAsync(request, cancellation).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return (response, deadline);
        using (deadline)
        using (response)
            throw new ClusterException(await ReadFailureAsync(request, response, deadline.Token, cancellation).ConfigureAwait(false));
    }

    /// <summary>Other credentials than the refused ones; null where there are none, since the refusal says more than the failure to get over it.</summary>
    private async Task<AuthenticationHeaderValue?> RenewedAsync(AuthenticationHeaderValue? refused, CancellationToken cancellation)
    {
        try
        {
            var renewed = await access.Credential.RenewAsync(refused, cancellation).ConfigureAwait(false);
            return renewed is null || renewed.Equals(refused) ? null : renewed;
        }
        catch (CredentialException)
        {
            return null;
        }
    }

    private async Task<AuthenticationHeaderValue?> CredentialAsync(ApiRequest request, CancellationToken cancellation)
    {
        try
        {
            return await access.Credential.GetAsync(cancellation).ConfigureAwait(false);
        }
        catch (CredentialException e)
        {
            counter.Unanswered(request);
            throw new ClusterException(Failures.WithoutCredential(request.Title, e.Reason));
        }
    }

    private async Task<(HttpResponseMessage Response, CancellationTokenSource Deadline)> AttemptAsync(
        ApiRequest request, AuthenticationHeaderValue? credential, CancellationToken cancellation)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            using var message = Message(request, credential);
            var response = await http.SendAsync(message, deadline.Token).ConfigureAwait(false);
            counter.Answered(request, (int)response.StatusCode);
            return (response, deadline);
        }
        catch (Exception e)
        {
            deadline.Dispose();
            counter.Unanswered(request);
            if (IsBroken(e, cancellation))
                throw new ClusterException(Failures.Broken(request.Title, 0, e));
            throw;
        }
    }

    private HttpRequestMessage Message(ApiRequest request, AuthenticationHeaderValue? credential)
    {
        var message = new HttpRequestMessage(request.Method, server + request.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Authorization = credential;
        message.Headers.UserAgent.Add(userAgent);
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        foreach (var (name, value) in access.Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        if (access.TlsServerName is { } serverName)
            message.Headers.Host = serverName;
        if (request.ContentType is { } type)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        return message;
    }

    private async Task<Failure> ReadFailureAsync(ApiRequest request, HttpResponseMessage response, CancellationToken deadline, CancellationToken cancellation)
    {
        var status = ApiStatus.None;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(deadline).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var body = await PooledBody.ReadAsync(stream, MaxStatusBytes, deadline).ConfigureAwait(false);
                status = StatusReader.Read(body.Bytes);
            }
        }
        catch (Exception e) when (IsBroken(e, cancellation))
        {
            // The status line says enough.
        }
        return Failures.Answered(request.Title, (int)response.StatusCode, status, RetryAfter(response.Headers.RetryAfter));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}
