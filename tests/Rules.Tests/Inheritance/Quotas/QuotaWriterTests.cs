using System.Text;
using Heliograph.Model;
using Heliograph.Rules.Inheritance.Quotas;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance.Quotas;

/// <summary>What is written: only what differs, and nothing that somebody else made is taken away.</summary>
public sealed class QuotaWriterTests
{
    private const string Name = "hrq.hnc.x-k8s.io";

    private static readonly QuotaClan Team = QuotaClan.Of("a").Limit("a/q", "pods=3 limits.cpu=0.5", Standing("0"));

    [Fact]
    public void A_quota_is_made_with_the_marks_by_which_HNCs_users_know_it()
    {
        var create = Assert.Single(QuotaWriter.Changes(Team.Plan)).Write;
        Assert.Equal((WriteVerb.Create, "ResourceQuota/a/" + Name, Vocabulary.TreeFieldManager), (create.Verb, create.Target.ToString(), create.Manager));
        Assert.Equal(
            """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"hrq.hnc.x-k8s.io","namespace":"a","labels":{"hnc.x-k8s.io/hrq":"true"},"annotations":{"propagate.hnc.x-k8s.io/none":"true"}},"spec":{"hard":{"limits.cpu":"500m","pods":"3"}}}""",
            Encoding.UTF8.GetString(create.Body.Span));
    }

    [Fact]
    public void Nothing_is_written_where_all_is_as_it_should_be()
    {
        Assert.Empty(Team.Quota("a", "pods=3 limits.cpu=500m", "").Writes);
        Assert.Empty(Team.Quota("a", "pods=3000m limits.cpu=0.5", "").Writes);
    }

    [Fact]
    public void A_change_names_what_comes_and_what_leaves()
    {
        var patch = Assert.Single(QuotaWriter.Changes(Team.Quota("a", "pods=5 secrets=1 limits.cpu=500m", "").Plan)).Write;
        Assert.Equal(
            """{"metadata":{"uid":"uid-a-hrq.hnc.x-k8s.io","resourceVersion":"100","labels":{"hnc.x-k8s.io/hrq":"true"},"annotations":{"propagate.hnc.x-k8s.io/none":"true"}},"spec":{"hard":{"secrets":null,"pods":"3"}}}""",
            Encoding.UTF8.GetString(patch.Body.Span));
    }

    [Fact]
    public void A_limit_that_is_missing_comes() => Assert.Equal(["Patch a/" + Name], Team.Quota("a", "pods=3", "").Writes);

    [Fact]
    public void Marks_that_somebody_took_off_come_back()
    {
        Assert.Equal(["Patch a/" + Name], Team.Quota("a", "pods=3 limits.cpu=500m", "", quota => quota.Label(Vocabulary.Hnc.QuotaLabel, null)).Writes);
        Assert.Equal(["Patch a/" + Name], Team.Quota("a", "pods=3 limits.cpu=500m", "", quota => quota.Annotate(Vocabulary.Hnc.None, null)).Writes);
    }

    [Fact]
    public void Without_limits_the_quota_goes_unless_it_is_somebody_elses()
    {
        var free = QuotaClan.Of("a").Quota("a", "pods=3", "");
        var delete = Assert.Single(QuotaWriter.Changes(free.Plan)).Write;
        Assert.Equal(WriteVerb.Delete, delete.Verb);
        Assert.Contains("\"uid\":\"uid-a-hrq.hnc.x-k8s.io\"", Encoding.UTF8.GetString(delete.Body.Span), StringComparison.Ordinal);
        Assert.Empty(QuotaClan.Of("a").Quota("a", "pods=3", "", quota => quota.Label(Vocabulary.Hnc.QuotaLabel, null)).Writes);
        Assert.Empty(QuotaClan.Of("a").Quota("a", "pods=3", "", quota => quota with { Deleting = true }).Writes);
    }

    [Theory]
    [InlineData("""{"hard":{"pods":"3","limits.cpu":"500m"},"scopes":["Terminating"]}""")]
    [InlineData("""{"hard":{"pods":"3","limits.cpu":"500m"},"scopeSelector":{"matchExpressions":[]}}""")]
    public void A_quota_that_does_not_count_everything_is_made_anew(string spec) =>
        Assert.Equal(["Delete a/" + Name], Team.Quota("a", "", "", quota => quota.Set("spec", spec)).Writes);

    [Fact]
    public void A_namespace_that_is_being_deleted_gets_none()
    {
        var going = Team with { Clan = Team.Clan.Ns("a", ns => ns with { Deleting = true }) };
        Assert.Empty(going.Writes);
        Assert.Empty(Team.Quota("a", "pods=1", "", quota => quota with { Deleting = true }).Writes);
    }

    [Fact]
    public void Usage_is_told_when_it_changes()
    {
        var used = Team.Quota("a", "pods=3 limits.cpu=500m", "pods=2");
        var patch = Assert.Single(QuotaWriter.Changes(used.Plan)).Write;
        Assert.Equal(
            """{"metadata":{"uid":"uid-a-q","resourceVersion":"100"},"status":{"used":{"pods":"2"},"requestsSummary":"pods: 2/3","limitsSummary":"limits.cpu: 0/500m"}}""",
            Encoding.UTF8.GetString(patch.Body.Span));
        Assert.Empty((used with { Limits = [] }).Limit("a/q", "pods=3 limits.cpu=0.5", Standing("2", """{"pods":2}""")).Writes);
    }

    [Theory]
    [InlineData("1", """{"pods":"2"}""")]
    [InlineData("2", "{}")]
    [InlineData("2", """{"pods":"2","secrets":"1"}""")]
    public void A_status_that_somebody_wrote_is_put_right(string pods, string used) => Assert.Equal(
        ["Patch a/q"], QuotaClan.Of("a").Limit("a/q", "pods=3 limits.cpu=0.5", Standing(pods, used)).Quota("a", "pods=3 limits.cpu=500m", "pods=2").Writes);

    [Fact]
    public void What_is_no_limit_any_more_leaves_the_status()
    {
        var less = QuotaClan.Of("a").Limit("a/q", "pods=3", Standing("2", """{"pods":"2","secrets":"1"}""")).Quota("a", "pods=3", "pods=2");
        Assert.EndsWith(
            """
            "status":{"hard":{"limits.cpu":null},"used":{"secrets":null},"requestsSummary":"pods: 2/3","limitsSummary":""}}
            """,
            Encoding.UTF8.GetString(Assert.Single(QuotaWriter.Changes(less.Plan)).Write.Body.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pods", "\"3\"", "")]
    [InlineData("pods", "3", "")]
    [InlineData("cpu", "0.5", "")]
    [InlineData("cpu", "\"500m\"", "")]
    [InlineData("count/deployments.apps", "\"3\"", "")]
    [InlineData("requests.nvidia.com/gpu", "\"3\"", "")]
    [InlineData("hugepages-2Mi", "\"1Gi\"", "")]
    [InlineData("requests.hugepages-2Mi", "\"1Gi\"", "")]
    [InlineData("gold.storageclass.storage.k8s.io/requests.storage", "\"1Gi\"", "")]
    [InlineData("services.nodeports", "0", "")]
    [InlineData("roles", "1", "spec.hard[roles]: Invalid value: \"roles\": must be a standard resource type or fully qualified|spec.hard[roles]: Invalid value: \"roles\": must be a standard resource for quota")]
    [InlineData("pods", "-1", "spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("pods", "1.5", "spec.hard[pods]: Invalid value: \"1500m\": must be an integer")]
    [InlineData("count/deployments.apps", "0.5", "spec.hard[count/deployments.apps]: Invalid value: \"500m\": must be an integer")]
    [InlineData("pods", "\"many\"", "spec.hard[pods]: Invalid value: \"many\": must be a quantity such as 10, 0.5, 500m or 2Gi")]
    [InlineData("pods", "{}", "spec.hard[pods]: Invalid value: \"{}\": must be a quantity such as 10, 0.5, 500m or 2Gi")]
    [InlineData("a b", "1", "spec.hard[a b]: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character")]
    public void What_is_no_limit_is_told_and_left_out(string resource, string value, string problems)
    {
        var spec = $$$"""{"hard":{"{{{resource}}}":{{{value}}},"secrets":"1"}}""";
        var clan = QuotaClan.Of("a") with { Limits = [Obj.Of(Kinds.HierarchicalResourceQuota, "a/q").Set("spec", spec)] };
        Assert.Equal(problems.Split('|', StringSplitOptions.RemoveEmptyEntries), HierarchicalQuota.Problems(clan.Limits[0]));
        Assert.Equal(HierarchicalQuota.Problems(clan.Limits[0]), clan.Plan.Faults.Select(fault => $"{fault.Annotation}: {fault.Problem}"));
        Assert.Equal(problems.Length == 0 ? 2 : 1, clan.Plan.Namespaces.Single().Hard.Count);
    }

    [Fact]
    public void A_limit_without_limits_comes_to_nothing() => Assert.Empty((QuotaClan.Of("a") with { Limits = [Obj.Of(Kinds.HierarchicalResourceQuota, "a/q")] }).Writes);

    private static string Standing(string pods, string used = "{}") =>
        $$"""{"hard":{"pods":3,"limits.cpu":"500m"},"used":{{used}},"requestsSummary":"pods: {{pods}}/3","limitsSummary":"limits.cpu: 0/500m"}""";
}
