using Heliograph.Model;
using Heliograph.Rules.Inheritance.Quotas;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>What would exceed a hierarchical quota, and which such quotas no API server could carry out.</summary>
/// <remarks>
/// The API server writes what a namespace uses into its ResourceQuota before it makes what uses it; whoever refuses that write refuses the object. What its
/// controllers write of the same is what is used already, and passes.
/// </remarks>
public static class QuotaRules
{
    private const string ApiServer = "system:apiserver";

    /// <summary>What can be said of a ResourceQuota's status without knowing the quotas above it; null where it depends on those.</summary>
    public static AdmissionAnswer? OfUsageAtOnce(AdmissionRequest request) =>
        request is not { Operation: AdmissionOperation.Update, SubResource: "status", Name: Vocabulary.Hnc.Quota, User.Name: ApiServer } ? AdmissionAnswer.Allow
        : request.Object is null || request.Old is null ? AdmissionAnswer.WithoutObject(request)
        : null;

    /// <summary>Judges what a namespace is about to use.</summary>
    public static AdmissionAnswer OfUsage(AdmissionRequest request, QuotaPlan plan) =>
        OfUsageAtOnce(request) is { } answer ? answer
        : plan.WhyExceeded(request.Namespace, Read(request, request.Old!).Used, Read(request, request.Object!).Used) is { } why ? new AdmissionAnswer.Refused(403, "Forbidden", why)
        : AdmissionAnswer.Allow;

    /// <summary>What a request is granted that was allowed, until it is written; null where it concerns no hierarchical quota.</summary>
    public static QuotaGrant? GrantOf(AdmissionRequest request) =>
        OfUsageAtOnce(request) is null ? new(request.Namespace, request.Old!.ResourceVersion, Read(request, request.Object!).Used) : null;

    /// <summary>Judges a HierarchicalResourceQuota. What was wrong with its limits already keeps nobody from changing something else about it.</summary>
    public static AdmissionAnswer OfLimits(AdmissionRequest request)
    {
        if (request.SubResource.Length > 0 || request.Operation is AdmissionOperation.Delete or AdmissionOperation.Other || request.LeavesSpec)
            return AdmissionAnswer.Allow;
        if (request.Object is not { } limits)
            return AdmissionAnswer.WithoutObject(request);
        var problems = HierarchicalQuota.Problems(limits.ToSnapshot(Kinds.HierarchicalResourceQuota, request.Namespace, request.Name));
        return problems.IsEmpty ? AdmissionAnswer.Allow : AdmissionAnswer.Invalid(request, request.Name, problems);
    }

    private static NamespaceQuota Read(AdmissionRequest request, ReviewedObject quota) =>
        NamespaceQuota.Read(quota.ToSnapshot(Kinds.ResourceQuota, request.Namespace, request.Name));
}
