namespace Heliograph.Engine;

/// <summary>What a failed request means for what is done next.</summary>
public enum FailureKind
{
    /// <summary>Someone was quicker (409 conflict or already exists, 412): look and decide again.</summary>
    Overtaken,

    /// <summary>The object, or its namespace, is not there (404): ordinary input for the next look.</summary>
    Gone,

    /// <summary>Not now (429, 5xx, an expired list token): try later.</summary>
    NotNow,

    /// <summary>No answer came (connection or time-out): the write may have happened. Try later; looking tells.</summary>
    Unanswered,

    /// <summary>Who we are is not accepted (401): nothing will work until the credentials are renewed.</summary>
    Unauthenticated,

    /// <summary>We may not do this (403), for example for want of RBAC.</summary>
    NotAllowed,

    /// <summary>The namespace is being deleted (403 with the cause <c>NamespaceTerminating</c>): nothing to do there.</summary>
    NamespaceTerminating,

    /// <summary>The API server will never accept this (400, 405, 413, 415, 422).</summary>
    Never,
}

/// <summary>
/// A request that failed, reduced to what may be told: no request or response body, and so no secret, is ever part of it.
/// </summary>
/// <param name="Kind">What it means for us.</param>
/// <param name="Request">Verb and object, for example <c>create Secret team-a/registry</c>.</param>
/// <param name="StatusCode">The HTTP status; 0 where there was no answer.</param>
/// <param name="Reason">The API server's machine-readable reason (<c>AlreadyExists</c>, <c>Invalid</c>, …) or the kind of network failure.</param>
public sealed record Failure(FailureKind Kind, string Request, int StatusCode, string Reason)
{
    /// <summary>The names of the fields that the API server complained of, for example <c>type</c>; never their values.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>How long the API server asked us to wait; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed later without anybody changing anything.</summary>
    public bool Heals => Kind is FailureKind.NotNow or FailureKind.Unanswered or FailureKind.Unauthenticated;

    /// <summary>One sentence: what was asked, what was answered.</summary>
    public override string ToString()
    {
        var answer = StatusCode == 0 ? $"no answer ({Reason})" : $"{StatusCode} {Reason}";
        return Fields.Count == 0 ? $"{Request}: {answer}" : $"{Request}: {answer}: {string.Join(", ", Fields)}";
    }
}

/// <summary>A read that failed. The message is the failure's, which holds no payload.</summary>
public sealed class ClusterException(Failure failure) : Exception(failure.ToString())
{
    /// <summary>What failed and what it means.</summary>
    public Failure Failure { get; } = failure;
}
