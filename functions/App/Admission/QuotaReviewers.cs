using Heliograph.Engine.Trees;
using Heliograph.Rules.Inheritance.Admission;
using Heliograph.Rules.Inheritance.Quotas;

namespace Heliograph.Functions.Admission;

/// <summary>HierarchicalResourceQuotas: limits that could not be carried out.</summary>
internal sealed class QuotaReviewer : IReviewer
{
    public string Resource => "hierarchicalresourcequotas.hnc.x-k8s.io";

    public Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation) => Task.FromResult(QuotaRules.OfLimits(request));
}

/// <summary>
/// What a namespace is about to use. It is judged by what is used now and by what this instance has granted a moment ago; two instances that are asked in the
/// same moment may grant the same room twice, which is told in the quota's status.
/// </summary>
internal sealed class UsageReviewer(RecentHierarchy trees, QuotaReader quotas, TimeProvider time) : IReviewer
{
    /// <summary>An API server writes what it was granted at once, or never.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (QuotaGrant Grant, long At)> granted = new(StringComparer.Ordinal);

    public string Resource => "resourcequotas/status";

    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (QuotaRules.OfUsageAtOnce(request) is { } answer)
            return answer;
        if (await quotas.ReadAsync(async cancellation => (await trees.RecentAsync(cancellation)).Tree, cancellation) is not { } plan)
            return AdmissionAnswer.Allow;
        // Whoever read first and comes here second sees what was granted in between: it is not written yet where he read.
        lock (gate)
        {
            foreach (var (ns, (_, at)) in granted.ToArray())
            {
                if (time.GetElapsedTime(at) >= Patience)
                    granted.Remove(ns);
            }
            answer = QuotaRules.OfUsage(request, plan.With(granted.Values.Select(one => one.Grant)));
            if (answer is AdmissionAnswer.Allowed && QuotaRules.GrantOf(request) is { } grant)
                granted[grant.Namespace] = (grant, time.GetTimestamp());
            return answer;
        }
    }
}
