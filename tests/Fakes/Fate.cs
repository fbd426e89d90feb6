using System.Text.RegularExpressions;
using Heliograph.Engine;

namespace Heliograph.Fakes;

/// <summary>What becomes of a request: whether it reaches the API server, and what comes back.</summary>
public sealed record Fate
{
    private Fate()
    {
    }

    /// <summary>It is carried out and answered.</summary>
    public static Fate Pass { get; } = new();

    /// <summary>It is carried out, and the client is no more: it never gets the answer.</summary>
    public static Fate CrashAfter { get; } = new() { Crashes = true };

    /// <summary>It is not carried out, and the client is no more.</summary>
    public static Fate CrashBefore { get; } = new() { TakesEffect = false, Crashes = true };

    /// <summary>The API server refuses for want of rights, before it does anything.</summary>
    public static Fate Forbidden { get; } = Refuse(403, "Forbidden");

    /// <summary>Whether it is carried out.</summary>
    public bool TakesEffect { get; private init; } = true;

    /// <summary>Whether the client waits for ever. Its tasks simply never go on, as if its process had been killed.</summary>
    public bool Crashes { get; private init; }

    /// <summary>A read answers with the world as it was at this version; null for the newest.</summary>
    public long? StaleVersion { get; private init; }

    /// <summary>What the client is told instead of the answer; null for the answer.</summary>
    public (int StatusCode, string Reason, TimeSpan? RetryAfter)? Told { get; private init; }

    /// <summary>The API server is too busy.</summary>
    public static Fate TooManyRequests(TimeSpan? retryAfter = null) => Refuse(429, "TooManyRequests", retryAfter);

    /// <summary>The API server fails; it may have done the work before.</summary>
    public static Fate ServerError(bool takesEffect) => Refuse(500, "InternalError") with { TakesEffect = takesEffect };

    /// <summary>No answer comes in time; the work may be done all the same.</summary>
    public static Fate TimedOut(bool takesEffect) => Refuse(0, "Timeout") with { TakesEffect = takesEffect };

    /// <summary>A refusal of any status, without effect. Status 0 stands for no answer.</summary>
    public static Fate Refuse(int statusCode, string reason, TimeSpan? retryAfter = null) =>
        new() { TakesEffect = false, Told = (statusCode, reason, retryAfter) };

    /// <summary>A read answers with an earlier state of the world, as a lagging cache would.</summary>
    /// <param name="version">The version of that state.</param>
    public static Fate Stale(long version) => new() { StaleVersion = version };
}

/// <summary>
/// Where a test holds each request: it is carried out, at once and in one step, when the returned task ends, and it fares as that task says.
/// </summary>
/// <param name="request">The request that is about to be made.</param>
/// <param name="cancellation">The client's own wish to stop.</param>
public delegate ValueTask<Fate> RequestGate(RequestInfo request, CancellationToken cancellation);

/// <summary>What the API server's answers and the lack of them mean to the engine: the same table as that of the real door.</summary>
internal static partial class Failures
{
    public static Failure Of(RequestInfo request, ApiResponse response) => Of(
        request.Title, response.StatusCode, response.Reason, response.Causes.Any(cause => cause.Reason == "NamespaceTerminating")) with
    {
        Fields = [.. response.Causes.Select(cause => cause.Field).Where(field => FieldPath().IsMatch(field)).Distinct()],
    };

    public static Failure Of(RequestInfo request, (int StatusCode, string Reason, TimeSpan? RetryAfter) told) =>
        Of(request.Title, told.StatusCode, told.Reason, namespaceTerminating: false) with { RetryAfter = told.RetryAfter };

    private static Failure Of(string title, int statusCode, string reason, bool namespaceTerminating) => new(
        statusCode switch
        {
            0 => FailureKind.Unanswered,
            401 => FailureKind.Unauthenticated,
            403 when namespaceTerminating => FailureKind.NamespaceTerminating,
            403 => FailureKind.NotAllowed,
            404 => FailureKind.Gone,
            409 or 412 => FailureKind.Overtaken,
            408 or 410 or 425 or 429 or >= 500 => FailureKind.NotNow,
            _ => FailureKind.Never,
        },
        title,
        statusCode,
        namespaceTerminating ? "NamespaceTerminating" : reason.Length > 0 ? reason : ((System.Net.HttpStatusCode)statusCode).ToString());

    /// <summary>The real door passes over what is no path, because it might be a value.</summary>
    [GeneratedRegex(@"^[A-Za-z.][-.\w]*(\[[-./\w]*\][-.\w]*)*\z", RegexOptions.ECMAScript)]
    private static partial Regex FieldPath();
}
