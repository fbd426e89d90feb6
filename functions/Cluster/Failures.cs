using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Heliograph.Engine;

namespace Heliograph.Cluster;

/// <summary>What an answer that is no success, or no answer at all, means: the table behind <see cref="FailureKind"/>.</summary>
internal static class Failures
{
    /// <summary>The answer of a success could not be understood.</summary>
    public const string Malformed = "MalformedAnswer";

    /// <summary>One object, or one line of a watch, is larger than any the API server can hold.</summary>
    public const string TooLarge = "AnswerTooLarge";

    /// <summary>There was no answer within the request's time.</summary>
    public const string Timeout = "Timeout";

    /// <summary>A name that cannot stand in a path, and so can be no object's name.</summary>
    public const string InvalidName = "InvalidName";

    private const int MaxRetryAfterSeconds = 3600;

    /// <summary>The failure that an HTTP status and the <c>Status</c> in its body stand for.</summary>
    public static Failure Answered(string request, int statusCode, ApiStatus status, TimeSpan? retryAfterHeader)
    {
        var reason = status.Reason.Length > 0 ? status.Reason : ((HttpStatusCode)statusCode).ToString();
        var kind = statusCode switch
        {
            401 => FailureKind.Unauthenticated,
            403 when status.Causes.Contains("NamespaceTerminating") => FailureKind.NamespaceTerminating,
            403 => FailureKind.NotAllowed,
            404 => FailureKind.Gone,
            409 or 412 => FailureKind.Overtaken,
            408 or 410 or 425 or 429 or >= 500 => FailureKind.NotNow,
            _ => FailureKind.Never,
        };
        return new Failure(kind, request, statusCode, kind == FailureKind.NamespaceTerminating ? "NamespaceTerminating" : reason)
        {
            Fields = status.Fields,
            RetryAfter = RetryAfter(retryAfterHeader, status.RetryAfterSeconds),
        };
    }

    /// <summary>The failure that an exception on the way stands for. Its message is left behind: nobody knows what it quotes.</summary>
    public static Failure Broken(string request, int statusCode, Exception exception) => new(FailureKind.Unanswered, request, statusCode, exception switch
    {
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } e => e.HttpRequestError.ToString(),
        HttpIOException { HttpRequestError: not HttpRequestError.Unknown } e => e.HttpRequestError.ToString(),
        HttpRequestException { InnerException: AuthenticationException } => nameof(HttpRequestError.SecureConnectionError),
        OperationCanceledException => Timeout,
        InvalidDataException => TooLarge,
        JsonException or InvalidOperationException => Malformed,
        _ => "ConnectionLost",
    });

    /// <summary>The failure to get hold of credentials in the first place.</summary>
    public static Failure WithoutCredential(string request, string reason) => new(FailureKind.Unauthenticated, request, 0, reason);

    private static TimeSpan? RetryAfter(TimeSpan? header, int? seconds)
    {
        var wait = header ?? (seconds is { } s ? TimeSpan.FromSeconds(s) : null);
        return wait is { } w && w > TimeSpan.Zero ? TimeSpan.FromSeconds(Math.Min(w.TotalSeconds, MaxRetryAfterSeconds)) : null;
    }
}
