using Heliograph.Model;
using Heliograph.Rules.Inheritance.Admission;
using Heliograph.Rules.Tests.Inheritance.Quotas;
using Xunit;
using static Heliograph.Rules.Inheritance.Admission.AdmissionOperation;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>What would exceed a hierarchical quota, and which such quotas could not be carried out.</summary>
public sealed class QuotaRulesTests
{
    private const string Refusal = "403 exceeded hierarchical quota in namespace \"a\": \"hrq\", requested: pods=1, used: pods=3, limited: pods=3";

    private static readonly QuotaClan Team = QuotaClan.Of("a", "b<a", "c<a").Limit("a/hrq", "pods=3").Quota("b", "pods=3", "pods=2").Quota("c", "pods=3", "pods=1");

    [Theory]
    [InlineData("pods=2", "pods=3", Refusal)]
    [InlineData("pods=1", "pods=2", "allowed")]
    [InlineData("pods=4", "pods=3", "allowed")]
    [InlineData("pods=2", "pods=2 secrets=5", "allowed")]
    public void What_exceeds_a_quota_above_is_refused(string before, string after, string told) => Assert.Equal(told, Asked.Told(QuotaRules.OfUsage(Usage("b", before, after), Team.Plan)));

    [Fact]
    public void Only_what_the_API_server_is_about_to_grant_is_judged()
    {
        var usage = Usage("b", "pods=2", "pods=3");
        Assert.Null(QuotaRules.OfUsageAtOnce(usage));
        foreach (var other in new[]
        {
            usage with { User = usage.User with { Name = "system:serviceaccount:kube-system:resourcequota-controller" } },
            usage with { Name = "own" },
            usage with { SubResource = "" },
            usage with { Operation = Create },
        })
        {
            Assert.Equal("allowed", Asked.Told(QuotaRules.OfUsage(other, Team.Plan)));
            Assert.Null(QuotaRules.GrantOf(other));
        }
        Assert.StartsWith("400", Asked.Told(QuotaRules.OfUsage(usage with { Old = null }, Team.Plan)), StringComparison.Ordinal);
    }

    /// <summary>Two namespaces ask for the same room before either has it.</summary>
    [Fact]
    public void What_was_granted_counts_until_it_is_written()
    {
        var room = Team.Quota("b", "pods=3", "pods=1");
        var (first, second) = (Usage("b", "pods=1", "pods=2"), Usage("c", "pods=1", "pods=2"));
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfUsage(first, room.Plan)));
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfUsage(second, room.Plan)));
        var granted = QuotaRules.GrantOf(first)!;
        Assert.Equal(("b", "100"), (granted.Namespace, granted.Version));
        Assert.Equal(Refusal, Asked.Told(QuotaRules.OfUsage(second, room.Plan.With([granted]))));
        // Something else was written meanwhile: it says what became of the grant.
        var written = room.Quota("b", "pods=3", "pods=1", quota => quota with { Version = "101" });
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfUsage(second, written.Plan.With([granted]))));
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfUsage(second, (room with { Quotas = room.Quotas.Remove("b") }).Plan.With([granted]))));
    }

    [Fact]
    public void Limits_that_could_not_be_carried_out_are_refused()
    {
        const string Resource = "hierarchicalresourcequotas.hnc.x-k8s.io";
        var (good, bad) = (Limits("""{"hard":{"pods":"3"}}"""), Limits("""{"hard":{"pods":"-1","roles":1}}"""));
        Assert.Equal(
            "422 HierarchicalResourceQuota.hnc.x-k8s.io \"q\" is invalid: [spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0, "
            + "spec.hard[roles]: Invalid value: \"roles\": must be a standard resource type or fully qualified, spec.hard[roles]: Invalid value: \"roles\": must be a standard resource for quota]",
            Asked.Told(QuotaRules.OfLimits(Asked.Request(Create, Resource, "a/q", bad, null))));
        Assert.StartsWith("422", Asked.Told(QuotaRules.OfLimits(Asked.Request(Update, Resource, "a/q", bad, good))), StringComparison.Ordinal);
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfLimits(Asked.Request(Create, Resource, "a/q", good, null))));
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfLimits(Asked.Request(Update, Resource, "a/q", bad.Label("x", "y"), bad))));
        Assert.Equal("allowed", Asked.Told(QuotaRules.OfLimits(Asked.Request(Delete, Resource, "a/q", null, bad))));
        Assert.StartsWith("400", Asked.Told(QuotaRules.OfLimits(Asked.Request(Create, Resource, "a/q", null, null))), StringComparison.Ordinal);
    }

    private static AdmissionRequest Usage(string ns, string before, string after)
    {
        var request = Asked.Request(Update, "resourcequotas", $"{ns}/{Vocabulary.Hnc.Quota}", Quota(ns, after), Quota(ns, before), "status");
        return request with { User = request.User with { Name = "system:apiserver" } };
    }

    private static Obj Quota(string ns, string used) => QuotaClan.Of(ns).Quota(ns, "pods=3", used).Quotas[ns];

    private static Obj Limits(string spec) => Obj.Of(Kinds.HierarchicalResourceQuota, "a/q").Set("spec", spec);
}
