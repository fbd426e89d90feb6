using System.Text.Json.Nodes;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests.Admission;

/// <summary>What namespaces use is granted by the quotas above them, one after the other although they ask at once.</summary>
public sealed class QuotaAdmissionTests
{
    [Fact]
    public async Task What_exceeds_a_quota_above_is_refused()
    {
        await using var app = await StartAsync(new FakeTimeProvider(DateTimeOffset.UtcNow));

        Assert.Equal("allowed", await AskAsync(app, Usage("dev", 1, 2)));
        Assert.Equal(
            "403 exceeded hierarchical quota in namespace \"team\": \"q\", requested: secrets=2, used: secrets=2, limited: secrets=3", await AskAsync(app, Usage("test", 1, 3)));
        Assert.Equal("allowed", await AskAsync(app, Usage("test", 5, 4)));
        Assert.Equal("allowed", await AskAsync(app, Usage("test", 1, 3) with { User = "system:serviceaccount:kube-system:resourcequota-controller" }));
        Assert.Equal("allowed", await AskAsync(app, Usage("test", 1, 3) with { Name = "own" }));
    }

    /// <summary>The API server asks for a second namespace before it has written what the first was granted.</summary>
    [Fact]
    public async Task The_same_room_is_not_granted_twice()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(time);

        var answers = await Task.WhenAll(AskAsync(app, Usage("dev", 1, 2, Version(app, "dev"))), AskAsync(app, Usage("test", 1, 2, Version(app, "test"))));

        Assert.Single(answers, "allowed");
        Assert.Single(answers, "403 exceeded hierarchical quota in namespace \"team\": \"q\", requested: secrets=1, used: secrets=3, limited: secrets=3");
        // What is not written after a while never will be.
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("allowed", await AskAsync(app, Usage("test", 1, 2, Version(app, "test"))));
    }

    [Fact]
    public async Task Limits_that_could_not_be_carried_out_are_refused()
    {
        await using var app = await StartAsync(TimeProvider.System);
        var limits = new ReviewOf("CREATE", Kinds.HierarchicalResourceQuota, "team", "r") { Object = ReviewOf.Of("r", fields: """{"spec":{"hard":{"secrets":-1}}}""") };

        Assert.Equal(
            "422 HierarchicalResourceQuota.hnc.x-k8s.io \"r\" is invalid: spec.hard[secrets]: Invalid value: \"-1\": must be greater than or equal to 0", await AskAsync(app, limits));
        Assert.Equal("allowed", await AskAsync(app, limits with { Object = ReviewOf.Of("r", fields: """{"spec":{"hard":{"secrets":1}}}""") }));
    }

    [Fact]
    public async Task While_the_quotas_cannot_be_read_nothing_is_granted()
    {
        await using var app = await StartAsync(TimeProvider.System);
        app.Cluster.Fates = request => request.Kind == Kinds.ResourceQuota ? Fate.Refuse(503, "ServiceUnavailable") : Fate.Pass;

        Assert.StartsWith("503", await AskAsync(app, Usage("dev", 1, 2)), StringComparison.Ordinal);
    }

    /// <summary>Two children of a parent that may have three secrets together; each has one.</summary>
    private static async Task<TestApp> StartAsync(TimeProvider time)
    {
        var app = await TestApp.StartAsync(time, "--Inheritance:Enabled=true", "--Inheritance:TrustChildren=true");
        app.Cluster.Do(user => user.CreateNamespace("team"));
        app.Cluster.Do(user => user.Create(Kinds.HierarchicalResourceQuota, "team", "q", (Json.Map)Json.Parse("""{"spec":{"hard":{"secrets":"3"}}}""")));
        foreach (var ns in (string[])["dev", "test"])
        {
            app.Cluster.Do(user => user.CreateNamespace(ns));
            app.Cluster.Do(user => user.Create(Kinds.HierarchyConfiguration, ns, "hierarchy", (Json.Map)Json.Parse("""{"spec":{"parent":"team"}}""")));
            app.Cluster.Do(user => user.Create(
                Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota, (Json.Map)Json.Parse("""{"spec":{"hard":{"secrets":"3"}},"status":{"used":{"secrets":"1"}}}""")));
        }
        return app;
    }

    private static string Version(TestApp app, string ns) => app.Cluster.Read(Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota)!.ResourceVersion;

    private static ReviewOf Usage(string ns, int before, int after, string version = "") => new("UPDATE", Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota)
    {
        SubResource = "status",
        User = "system:apiserver",
        Old = Quota(before, version),
        Object = Quota(after, version),
    };

    private static JsonObject Quota(int secrets, string version)
    {
        var quota = ReviewOf.Of(Vocabulary.Hnc.Quota, fields: $$$"""{"status":{"used":{"secrets":"{{{secrets}}}"} } }""");
        quota["metadata"]!["resourceVersion"] = version;
        return quota;
    }

    private static Task<string> AskAsync(TestApp app, ReviewOf review) => AdmissionTests.AskAsync(app, review);
}
