using Heliograph.Engine;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions.Admission;

/// <summary>Answers reviews in time: whom it takes too long to judge, or who cannot be judged at present, does not pass.</summary>
internal sealed partial class Admissions(
    IEnumerable<IReviewer> reviewers, ObjectReviewer objects, FunctionsSettings settings, Telemetry telemetry, TimeProvider time, ILogger<Admissions> logger) : IDisposable
{
    /// <summary>How many reviews are judged at once; others wait for their turn within their time.</summary>
    private const int AtOnce = 32;

    private readonly Dictionary<string, IReviewer> reviewers = reviewers.ToDictionary(reviewer => reviewer.Resource, StringComparer.Ordinal);
    private readonly SemaphoreSlim turns = new(AtOnce);

    /// <summary>Judges a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="patience">How long the caller waits.</param>
    /// <param name="cancellation">The caller does not wait any more.</param>
    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, TimeSpan patience, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        var answer = await TryAsync(request, patience, limited.Token, cancellation);
        telemetry.Reviewed(answer);
        if (answer is AdmissionAnswer.Refused refused)
            Refused(request, refused.Code, refused.Reason);
        return answer;
    }

    public void Dispose() => turns.Dispose();

    private async Task<AdmissionAnswer> TryAsync(AdmissionRequest request, TimeSpan patience, CancellationToken limited, CancellationToken cancellation)
    {
        if (request.User.IsServiceAccountOf(settings.Admission.OwnNamespace))
            return AdmissionAnswer.Allow;
        if (settings.Engine.Inheritance is null)
            return AdmissionAnswer.Unavailable("inheritance is off: set Inheritance__Enabled, or remove the ValidatingWebhookConfiguration of Heliograph");
        try
        {
            await turns.WaitAsync(limited);
            try
            {
                return await ByResourceAsync(request, limited);
            }
            finally
            {
                turns.Release();
            }
        }
        catch (ClusterException e)
        {
            return AdmissionAnswer.Unavailable($"the tree of namespaces is not synced yet ({e.Failure}) - please try again in a few moments.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return AdmissionAnswer.Unavailable($"the tree of namespaces is not synced yet (not read within {patience.TotalSeconds:0.0} s) - please try again in a few moments.");
        }
    }

    private Task<AdmissionAnswer> ByResourceAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var resource = request.SubResource.Length == 0 ? request.QualifiedResource : $"{request.QualifiedResource}/{request.SubResource}";
        return reviewers.TryGetValue(resource, out var reviewer) ? reviewer.JudgeAsync(request, cancellation) : objects.JudgeAsync(request, cancellation);
    }

    [LoggerMessage(LogLevel.Information, "refused: {Request}: {Code} {Reason}")]
    private partial void Refused(AdmissionRequest request, int code, string reason);
}
