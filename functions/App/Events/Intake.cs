using Heliograph.Engine;

namespace Heliograph.Functions.Events;

/// <summary>Does what events ask for, whichever way they came, and says how that is to be answered.</summary>
internal sealed partial class Intake(Work work, Telemetry telemetry, ILogger<Intake> logger)
{
    /// <summary>Takes events. The rest of a batch is done whatever one event of it is.</summary>
    /// <returns>The answer, and with <see cref="EventsAnswer.Again"/> how long the API server asked us to wait.</returns>
    public async Task<(EventsAnswer Answer, TimeSpan? RetryAfter)> TakeAsync(Decoded decoded, CancellationToken cancellation)
    {
        using var trace = telemetry.Take(decoded.TraceParents);
        var outcome = await work.RunAsync(Scopes.Of(decoded.Hints), dryRun: false, cancellation);
        foreach (var problem in decoded.Problems)
            CannotRead(problem);
        var answer = outcome is null || outcome.MustRetry ? EventsAnswer.Again : decoded.Problems.Length > 0 ? EventsAnswer.Invalid : EventsAnswer.Done;
        foreach (var type in decoded.Types)
            telemetry.Received(type, answer);
        return (answer, outcome?.RetryAfter);
    }

    [LoggerMessage(LogLevel.Warning, "a request holds what can never be read: {Problem}")]
    public partial void CannotRead(string problem);
}
