using System.Globalization;
using Azure;
using Azure.Identity;

namespace Heliograph.Queues;

/// <summary>What a failed request to Azure means, without its texts, which are long and change.</summary>
/// <param name="Status">The HTTP status; 0 where there was no answer.</param>
/// <param name="Code">The service's own code, or what kept the request from being sent.</param>
/// <param name="RetryAfter">How long we were asked to wait.</param>
public sealed record AzureFailure(int Status, string Code, TimeSpan? RetryAfter)
{
    /// <summary>Whether somebody must change a setting or a right before it can work; else it is worth trying again.</summary>
    public bool IsMisconfigured => Status is 400 or 401 or 403 or 404 or 405 || Code == Identity;

    /// <summary>The code where the identity of the process got no token.</summary>
    public const string Identity = "the identity of the process got no token";

    /// <summary>Reads an exception; null where it is none of Azure's.</summary>
    public static AzureFailure? Of(Exception exception, TimeProvider time) => exception switch
    {
        RequestFailedException failed => new AzureFailure(failed.Status, failed.ErrorCode ?? (failed.Status == 0 ? "no connection" : "no reason given"), Asked(failed, time)),
        AuthenticationFailedException => new AzureFailure(0, Identity, null),
        // Several attempts in one, or the time-out of one.
        AggregateException or TaskCanceledException => new AzureFailure(0, "no answer in time", null),
        _ => null,
    };

    /// <summary>As the end of a sentence that begins with who was asked.</summary>
    public override string ToString() =>
        Status == 0 ? $"cannot be asked: {Code}" : string.Create(CultureInfo.InvariantCulture, $"answers {Status} ({Code})");

    private static TimeSpan? Asked(RequestFailedException failed, TimeProvider time)
    {
        if (failed.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) is not true)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var at) && at > time.GetUtcNow() ? at - time.GetUtcNow() : null;
    }
}
