using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Fakes.Tests;

/// <summary>Faults, stale reads, watches: what no comparison with the real API server can show.</summary>
public sealed class FakeClusterTests
{
    private static readonly KeyValuePair<string, string>[] Data = [new("key", "value")];
    private static readonly string[] Mirrored = ["one", "two"];
    private static CancellationToken Stop => TestContext.Current.CancellationToken;
    private readonly FakeApiServer server = new(new FakeTimeProvider());
    private readonly FakeUser user;

    public FakeClusterTests()
    {
        user = new FakeUser(server);
        user.CreateNamespace("ns");
    }

    public static TheoryData<Fate, FailureKind, int, bool> Faults => new()
    {
        { Fate.Forbidden, FailureKind.NotAllowed, 403, false },
        { Fate.TooManyRequests(TimeSpan.FromSeconds(3)), FailureKind.NotNow, 429, false },
        { Fate.ServerError(takesEffect: false), FailureKind.NotNow, 500, false },
        { Fate.ServerError(takesEffect: true), FailureKind.NotNow, 500, true },
        { Fate.TimedOut(takesEffect: false), FailureKind.Unanswered, 0, false },
        { Fate.TimedOut(takesEffect: true), FailureKind.Unanswered, 0, true },
        { Fate.Refuse(401, "Unauthorized"), FailureKind.Unauthenticated, 401, false },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_fault_is_told_and_takes_effect_as_the_verdict_says(Fate fate, FailureKind kind, int statusCode, bool takesEffect)
    {
        var cluster = new FakeCluster(server, gate: (_, _) => ValueTask.FromResult(fate));
        var refused = Assert.IsType<WriteResult.Refused>(await cluster.SendAsync(Creation("name"), Stop));
        Assert.Equal((kind, statusCode, "create Secret ns/name"), (refused.Failure.Kind, refused.Failure.StatusCode, refused.Failure.Request));
        Assert.Equal(fate.Told!.Value.RetryAfter, refused.Failure.RetryAfter);
        Assert.Equal(takesEffect, server.Read(Kinds.Secret, "ns", "name") is not null);
        var thrown = await Assert.ThrowsAsync<ClusterException>(() => cluster.GetAsync(Kinds.Secret, "ns", "name", ReadDepth.Content, Stop));
        Assert.Equal(kind, thrown.Failure.Kind);
    }

    [Fact]
    public async Task A_stale_read_answers_with_the_world_as_it_was()
    {
        var before = server.ResourceVersion;
        user.CreateSecret("ns", "name", Data);
        var cluster = new FakeCluster(server, gate: (_, _) => ValueTask.FromResult(Fate.Stale(long.Parse(before, null))));
        Assert.Null(await cluster.GetAsync(Kinds.Secret, "ns", "name", ReadDepth.Content, Stop));
        var listing = await cluster.ListAsync(Kinds.Secret, default, null, Stop);
        Assert.Empty(listing.Items);
        Assert.Equal(before, listing.ResourceVersion);
    }

    [Fact]
    public async Task Requests_are_counted_by_verb_and_kind()
    {
        var cluster = new FakeCluster(server);
        await cluster.SendAsync(Creation("name"), Stop);
        await cluster.SendAsync(Creation("name"), Stop);
        await cluster.GetAsync(Kinds.ConfigMap, "ns", "name", ReadDepth.Content, Stop);
        Assert.Equal((2, 2, 1, 0), (cluster.Writes, cluster.Count(ApiVerb.Create), cluster.Count(ApiVerb.Get, Kinds.ConfigMap), cluster.Count(ApiVerb.Get, Kinds.Secret)));
    }

    [Fact]
    public async Task What_the_field_selector_leaves_out_is_not_listed_but_can_be_read()
    {
        user.CreateSecret("ns", "release", Data, type: "helm.sh/release.v1");
        user.CreateSecret("ns", "other", Data);
        var cluster = new FakeCluster(server);
        var listing = await cluster.ListAsync(Kinds.Secret, new ListScope("ns"), null, Stop);
        Assert.Equal("other", Assert.Single(listing.Items).Name);
        Assert.Null(listing.Items[0].Content);
        Assert.NotNull((await cluster.GetAsync(Kinds.Secret, "ns", "release", ReadDepth.Content, Stop))!.Content);
    }

    [Fact]
    public void A_watch_tells_of_every_change_after_its_version_and_goes_on_where_another_was_cut()
    {
        var first = server.Watch(Kinds.Secret, server.ResourceVersion);
        user.CreateSecret("ns", "name", Data);
        user.CreateConfigMap("ns", "name", Data);
        user.SetSecretKey("ns", "name", "key", "other");
        var added = Assert.IsType<WatchLine.Added>(first.Take());
        Assert.Null(added.Object.Content);
        first.Cut();
        Assert.Null(first.Take());
        var second = server.Watch(Kinds.Secret, added.Object.ResourceVersion);
        Assert.IsType<WatchLine.Modified>(second.Take());
        user.Delete(Kinds.Secret, "ns", "name");
        Assert.Null(second.TakeBookmark());
        var deleted = Assert.IsType<WatchLine.Deleted>(second.Take());
        Assert.Equal(server.ResourceVersion, deleted.Object.ResourceVersion);
        Assert.Null(second.Take());
        user.CreateConfigMap("ns", "another", Data);
        Assert.Equal(new WatchLine.Bookmark(server.ResourceVersion), second.TakeBookmark());
    }

    [Fact]
    public void A_watch_from_before_the_compaction_fails_with_410()
    {
        var version = server.ResourceVersion;
        user.CreateSecret("ns", "name", Data);
        server.Compact();
        var watch = server.Watch(Kinds.Secret, version);
        Assert.Equal(new WatchLine.Failed(410, "Expired"), watch.Take());
        Assert.True(watch.Ended);
        Assert.False(server.Watch(Kinds.Secret, server.ResourceVersion).HasNext);
    }

    [Fact]
    public void A_terminating_namespace_is_emptied_step_by_step()
    {
        user.CreateSecret("ns", "plain", Data);
        user.CreateSecret("ns", "held", Data);
        user.Patch(Kinds.Secret, "ns", "held", """{"metadata":{"finalizers":["example.org/hold"]}}""");
        user.BeginDeleteNamespace("ns");
        server.SettleNamespaces();
        Assert.Null(server.Read(Kinds.Secret, "ns", "plain"));
        Assert.True(server.Read(Kinds.Secret, "ns", "held")!.Deleting);
        Assert.True(server.Read(Kinds.Namespace, "", "ns")!.Deleting);
        user.Patch(Kinds.Secret, "ns", "held", """{"metadata":{"finalizers":null}}""");
        server.SettleNamespaces();
        Assert.Null(server.Read(Kinds.Secret, "ns", "held"));
        Assert.Null(server.Read(Kinds.Namespace, "", "ns"));
    }

    [Fact]
    public async Task The_engine_runs_on_it()
    {
        var time = new FakeTimeProvider();
        var world = new FakeApiServer(time);
        var people = new FakeUser(world);
        foreach (var ns in Mirrored.Append("source"))
            people.CreateNamespace(ns);
        people.CreateSecret("source", "tls", Data, annotations: new Dictionary<string, string>
        {
            [Vocabulary.Reflector.Allowed] = "true",
            [Vocabulary.Reflector.AutoEnabled] = "true",
        });
        var cluster = new FakeCluster(world);
        using var reconciler = new Reconciler(cluster, new EngineSettings(), time);
        await reconciler.RunAsync([new Scope.Everything()], dryRun: false, Stop);
        Assert.All(Mirrored, ns => Assert.Equal("dmFsdWU=", world.Body(Kinds.Secret, ns, "tls")!.MapOf("data").TextOf("key")));
        var version = world.ResourceVersion;
        cluster.ForgetRequests();
        await reconciler.RunAsync([new Scope.Everything()], dryRun: false, Stop);
        Assert.Equal((version, 0), (world.ResourceVersion, cluster.Writes));
    }

    private static Write Creation(string name) => new(
        WriteVerb.Create, Kinds.Secret, "ns", name, Json.Of(("metadata", Json.Of(("name", Json.Of(name))))).ToUtf8());
}
