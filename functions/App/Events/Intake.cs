using Heliograph.Engine;

namespace Heliograph.Functions.Events;

/// <summary>What became of events.</summary>
/// <param name="Answer">How they are answered.</param>
/// <param name="Outcome">What came of them.</param>
internal readonly record struct Taken(EventsAnswer Answer, Outcome Outcome);

/// <summary>Does what events ask for, whichever way they came, and says how that is to be answered.</summary>
internal sealed partial class Intake(Work work, Telemetry telemetry, ILogger<Intake> logger)
{
    /// <summary>Takes events. The rest of a batch is done whatever one event of it is.</summary>
    public async Task<Taken> TakeAsync(Decoded decoded, CancellationToken cancellation)
    {
        using var trace = telemetry.Take(decoded.TraceParents);
        var outcome = await work.BeginAsync(Scopes.Of(decoded.Hints), dryRun: false, cancellation);
        foreach (var problem in decoded.Problems)
            CannotRead(problem);
        var answer = outcome.MustRetry ? EventsAnswer.Again : decoded.Problems.Length > 0 ? EventsAnswer.Invalid : EventsAnswer.Done;
        foreach (var type in decoded.Types)
            telemetry.Received(type, answer);
        return new Taken(answer, outcome);
    }

    [LoggerMessage(LogLevel.Warning, "a request holds what can never be read: {Problem}")]
    public partial void CannotRead(string problem);
}
