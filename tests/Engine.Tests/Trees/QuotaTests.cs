using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Engine.Tests.Trees;

/// <summary>Hierarchical quotas are carried out by ResourceQuotas in every namespace below them, and tell what is used there.</summary>
public sealed class QuotaTests : IDisposable
{
    private readonly Forest forest = new Forest().With("team", "dev<team", "test<team", "elsewhere");

    public void Dispose() => forest.Dispose();

    [Fact]
    public async Task Limits_reach_every_namespace_below_and_usage_is_summed_up()
    {
        Limit("team", "secrets", 5);
        await forest.SweepAsync();
        Assert.Equal(("5", "5", "5", ""), (Hard("team"), Hard("dev"), Hard("test"), Hard("elsewhere")));
        Assert.Equal("secrets: 0/5", Summary("team"));
        Use("dev", 2);
        Use("test", 1);

        await forest.RunAsync(new Scope.Hierarchy());

        Assert.Equal("secrets: 3/5", Summary("team"));
        var status = forest.Server.Body(Kinds.HierarchicalResourceQuota, "team", "q")!.MapOf("status");
        Assert.Equal(("5", "3"), (status.MapOf("hard").TextOf("secrets"), status.MapOf("used").TextOf("secrets")));
    }

    [Fact]
    public async Task A_second_run_writes_nothing()
    {
        Limit("team", "secrets", 5);
        Use("dev", 2);
        await forest.SweepAsync();
        forest.Cluster.ForgetRequests();

        await forest.SweepAsync();

        Assert.Equal(0, forest.Cluster.Writes);
    }

    [Fact]
    public async Task Without_hierarchical_quotas_nothing_but_two_lists_is_read_for_them()
    {
        await forest.SweepAsync();
        forest.Cluster.ForgetRequests();

        await forest.RunAsync(new Scope.Hierarchy());

        Assert.Single(forest.Cluster.Requests, request => request.Kind == Kinds.HierarchicalResourceQuota);
        Assert.Single(forest.Cluster.Requests, request => request.Kind == Kinds.ResourceQuota);
        Assert.Single(forest.Cluster.Requests, request => request.Kind == Kinds.Namespace);
    }

    [Fact]
    public async Task A_quota_that_is_edited_or_deleted_by_hand_comes_back_and_goes_with_the_last_limit()
    {
        Limit("team", "secrets", 5);
        await forest.SweepAsync();
        forest.User.Delete(Kinds.ResourceQuota, "dev", Vocabulary.Hnc.Quota);
        forest.User.Patch(Kinds.ResourceQuota, "test", Vocabulary.Hnc.Quota, """{"spec": {"hard": {"secrets": "100", "pods": "1"}}}""");

        await forest.RunAsync(new Scope.Hierarchy());
        Assert.Equal(("5", "5"), (Hard("dev"), Hard("test")));
        forest.User.Delete(Kinds.HierarchicalResourceQuota, "team", "q");
        await forest.RunAsync(new Scope.Hierarchy());

        Assert.Equal(("", "", ""), (Hard("team"), Hard("dev"), Hard("test")));
    }

    [Fact]
    public async Task A_namespace_that_moves_is_limited_and_counted_where_it_is_now()
    {
        Limit("team", "secrets", 5);
        Limit("elsewhere", "secrets", 7);
        await forest.SweepAsync();
        Use("dev", 2);
        forest.SetParent("dev", "elsewhere");

        await forest.RunAsync(new Scope.Hierarchy());

        Assert.Equal("7", Hard("dev"));
        Assert.Equal(("secrets: 0/5", "secrets: 2/7"), (Summary("team"), Summary("elsewhere")));
    }

    [Fact]
    public async Task A_namespace_without_its_parent_stays_limited()
    {
        Limit("team", "secrets", 5);
        await forest.SweepAsync();
        forest.SetParent("dev", "nowhere");

        await forest.RunAsync(new Scope.Hierarchy());

        Assert.Equal("5", Hard("dev"));
    }

    [Fact]
    public async Task What_is_no_limit_is_told_on_the_quota_and_does_not_keep_the_others_from_limiting()
    {
        Limit("team", "secrets", 5, """, "roles": "1" """);

        var outcome = await forest.RunAsync(new Scope.Hierarchy());

        Assert.Equal("5", Hard("dev"));
        Assert.Equal(["HierarchicalResourceQuota/team/q", "HierarchicalResourceQuota/team/q"], outcome.Faults.Select(fault => fault.Object.ToString()));
    }

    [Fact]
    public async Task A_dry_run_tells_and_writes_nothing()
    {
        await forest.SweepAsync();
        Limit("team", "secrets", 5);
        forest.Cluster.ForgetRequests();

        var outcome = await forest.Reconciler.RunAsync([new Scope.Hierarchy()], dryRun: true, TestContext.Current.CancellationToken);

        Assert.Equal(0, forest.Cluster.Writes);
        Assert.Equal(
            ["HierarchicalResourceQuota/team/q tells what is used", "ResourceQuota/dev/hrq.hnc.x-k8s.io is made for the hierarchical quotas above it",
                "ResourceQuota/team/hrq.hnc.x-k8s.io is made for the hierarchical quotas above it", "ResourceQuota/test/hrq.hnc.x-k8s.io is made for the hierarchical quotas above it"],
            outcome.Hierarchy.Select(change => change.ToString()).Order(StringComparer.Ordinal));
    }

    private void Limit(string ns, string resource, int hard, string more = "") => forest.User.Create(Kinds.HierarchicalResourceQuota, ns, "q", (Json.Map)Json.Parse(
        $$$"""{"spec": {"hard": {"{{{resource}}}": "{{{hard}}}"{{{more}}} } } }"""));

    /// <summary>What the API server would count.</summary>
    private void Use(string ns, int secrets)
    {
        if (forest.Server.Read(Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota) is null)
            forest.User.Create(Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota, (Json.Map)Json.Parse("""{"spec": {"hard": {"secrets": "5"}}}"""));
        forest.User.Patch(Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota, $$$"""{"status": {"used": {"secrets": "{{{secrets}}}"} } }""");
    }

    private string Hard(string ns) => forest.Server.Body(Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota) is { } quota
        ? string.Join(' ', quota.MapOf("spec").MapOf("hard").Members.Select(member => ((Json.Text)member.Value).Value))
        : "";

    private string Summary(string ns) => forest.Server.Body(Kinds.HierarchicalResourceQuota, ns, "q")!.MapOf("status").TextOf("requestsSummary");
}
