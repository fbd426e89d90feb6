using Heliograph.Engine;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>The exporter where namespaces have parents: kinds that come and go, and what is inherited as the HNCConfiguration says.</summary>
public sealed class InheritanceTests : IAsyncLifetime
{
    private static readonly string[] TreeKinds = [.. Kinds.Inheritance.Select(kind => kind.Name)];

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly ServerFeed feed = new();
    private RecordingEndpoint? recording;
    private RunningExporter? exporter;

    private RecordingEndpoint Endpoint => recording!;

    private RunningExporter Running => exporter!;

    private string[] Told => [.. Endpoint.Accepted.Select(told => told.ToString())];

    private int Syncs => Endpoint.Accepted.Count(told => told.Hint is Hint.SyncCompleted);

    public async ValueTask InitializeAsync()
    {
        recording = await RecordingEndpoint.StartAsync();
        feed.Do(user =>
        {
            user.CreateNamespace("eng", Depths("eng"));
            user.CreateNamespace("shop", Depths("shop", "eng"));
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (exporter is not null)
            await exporter.DisposeAsync();
        await Endpoint.DisposeAsync();
    }

    [Fact]
    public async Task Where_it_is_off_nothing_of_it_is_asked_for()
    {
        await StartAsync(inherits: false);

        Assert.All(TreeKinds, kind => Assert.Equal(0, feed.Lists(KindOf(kind))));
        Assert.Equal(0, feed.Lists(Kinds.ResourceQuota));
        Assert.Empty(Running.Readiness.Remarks);
    }

    [Fact]
    public async Task What_is_not_installed_is_no_obstacle_and_is_said_once()
    {
        using var metrics = new RecordedMetrics();
        feed.Uninstall([.. TreeKinds]);
        await StartAsync();
        await PassTimeUntilAsync(() => TreeKinds.All(kind => feed.Lists(KindOf(kind)) > 3), "it is asked for again and again");

        Assert.Empty(Running.Readiness.Obstacles);
        Assert.Equal(1, Syncs);
        Assert.Equal(TreeKinds.Length, Running.Readiness.Remarks.Length);
        Assert.Contains(
            "HierarchyConfiguration: hierarchyconfigurations.hnc.x-k8s.io is not installed; the API server is asked again every 30 s", Running.Readiness.Remarks);
        Assert.Equal(TreeKinds.Length, Running.WatchLog.Lines.Count(line => line.Contains("is not installed", StringComparison.Ordinal)));
        Assert.Equal(1, metrics["heliograph.exporter.lists kind=HierarchyConfiguration"]);
        Assert.DoesNotContain(Running.WatchLog.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nothing_can_be_configured_only_what_is_always_inherited_is()
    {
        feed.Uninstall([.. TreeKinds]);
        await StartAsync();
        feed.Do(user =>
        {
            user.CreateConfigMap("eng", "any", [new("k", "v")]);
            user.CreateConfigMap("eng", "asks", [new("k", "v")], [new(Vocabulary.Reflector.Allowed, "true")]);
        });
        await ToldAsync("dev.heliograph.object.changed /namespaces/eng/ConfigMap/asks");

        Assert.DoesNotContain("dev.heliograph.object.changed /namespaces/eng/ConfigMap/any", Told);
    }

    [Fact]
    public async Task What_is_installed_later_is_noticed_and_everything_is_looked_at_again()
    {
        feed.Uninstall([.. TreeKinds]);
        await StartAsync();
        feed.Uninstall();
        await PassTimeUntilAsync(() => Running.Readiness.Remarks.IsEmpty && Syncs > 1, "it is listed");
        feed.Do(user => user.Create(Kinds.HierarchyConfiguration, "shop", Vocabulary.Hnc.Hierarchy));

        await ToldAsync("dev.heliograph.object.changed /namespaces/shop/HierarchyConfiguration/hierarchy");
        Assert.Empty(Running.Readiness.Obstacles);
    }

    [Fact]
    public async Task What_is_taken_away_is_noticed_and_everything_is_looked_at_again()
    {
        await StartAsync();
        feed.Uninstall([.. TreeKinds]);
        await PassTimeUntilAsync(() => Running.Readiness.Remarks.Length == TreeKinds.Length && Syncs > 1, "its end is noticed");

        Assert.Empty(Running.Readiness.Obstacles);
        feed.Uninstall();
        var before = Syncs;
        await PassTimeUntilAsync(() => Running.Readiness.Remarks.IsEmpty && Syncs > before, "it is back");
    }

    [Fact]
    public async Task A_right_that_is_missing_is_an_obstacle_and_says_which()
    {
        feed.Forbid("HNCConfiguration");
        await StartAsync(isReady: false);
        await PassTimeUntilAsync(() => Running.Readiness.Obstacles.Length == 1, "only one thing is wrong");

        Assert.Equal(
            "HNCConfiguration: list hncconfigurations: 403 Forbidden: our account needs the verbs get, list and watch on hncconfigurations.hnc.x-k8s.io in the whole cluster",
            Assert.Single(Running.Readiness.Obstacles));
    }

    [Fact]
    public async Task What_a_parent_hands_down_is_told_as_the_configuration_says()
    {
        await StartAsync();
        feed.Do(user =>
        {
            user.CreateSecret("eng", "first", [new("k", "v")]);
            user.CreateSecret("eng", "asks", [new("k", "v")], [new(Vocabulary.Reflector.Allowed, "true")]);
        });
        await ToldAsync("dev.heliograph.object.changed /namespaces/eng/Secret/asks");
        feed.Do(user => Configure(user, "secrets"));
        await PassTimeUntilAsync(() => Syncs > 1, "everything is looked at again");
        feed.Do(user =>
        {
            user.CreateSecret("eng", "second", [new("k", "v")]);
            user.CreateSecret("shop", "second", [new("k", "v")]);
            user.CreateConfigMap("eng", "second", [new("k", "v")]);
        });
        await ToldAsync("dev.heliograph.object.changed /namespaces/eng/Secret/second");
        feed.Do(user => user.Delete(Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration));
        await PassTimeUntilAsync(() => Syncs > 2, "everything is looked at once more");
        feed.Do(user =>
        {
            user.SetSecretKey("eng", "second", "k", "w");
            user.Create(Kinds.SubnamespaceAnchor, "eng", "last");
        });
        await ToldAsync("dev.heliograph.object.changed /namespaces/eng/SubnamespaceAnchor/last");

        Assert.Equal(
            [
                "dev.heliograph.object.changed /namespaces/eng/Secret/asks",
                "dev.heliograph.object.changed /namespaces/cluster/HNCConfiguration/config", "dev.heliograph.object.changed /namespaces/eng/Secret/second",
                "dev.heliograph.object.deleted /namespaces/cluster/HNCConfiguration/config", "dev.heliograph.object.changed /namespaces/eng/SubnamespaceAnchor/last",
            ],
            Told.Where(told => !told.StartsWith(EventTypes.SyncCompleted, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_namespace_that_joins_a_tree_is_told_as_a_column_and_as_a_place()
    {
        await StartAsync();
        feed.Do(user => user.CreateNamespace("new", Depths("new", "eng")));
        await ToldAsync("dev.heliograph.object.changed /namespaces/new/HierarchyConfiguration/hierarchy");
        feed.Do(user => user.DeleteNamespace("new"));
        await ToldAsync("dev.heliograph.object.deleted /namespaces/new/HierarchyConfiguration/hierarchy");

        Assert.Contains($"{EventTypes.NamespaceChanged} /namespaces/new", Told);
    }

    [Fact]
    public async Task A_configuration_that_was_there_before_is_read()
    {
        feed.Do(user => Configure(user, "secrets"));
        await StartAsync();
        feed.Do(user => user.CreateSecret("eng", "pull", [new("k", "v")]));

        await ToldAsync("dev.heliograph.object.changed /namespaces/eng/Secret/pull");
        Assert.Equal(1, Syncs);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_an_obstacle_until_it_can()
    {
        await StartAsync();
        feed.KeepConfiguration(new Failure(FailureKind.NotAllowed, "get HNCConfiguration config", 403, "Forbidden"));
        feed.Do(user => Configure(user, "secrets"));
        await PassTimeUntilAsync(() => Running.Readiness.Obstacles.Length == 1, "it is said");
        Assert.Contains("get HNCConfiguration config: 403 Forbidden", Running.Readiness.Obstacles[0], StringComparison.Ordinal);

        feed.KeepConfiguration(null);
        await PassTimeUntilAsync(() => Running.Readiness.Obstacles.IsEmpty && Syncs > 1, "it is read");
    }

    [Fact]
    public async Task While_the_configuration_may_not_be_read_the_others_go_on_and_too_much_is_told()
    {
        feed.KeepConfiguration(new Failure(FailureKind.NotAllowed, "get HNCConfiguration config", 403, "Forbidden"));
        await StartAsync(isReady: false);
        await PassTimeUntilAsync(() => Syncs == 1, "everything else has been seen");
        feed.Do(user => user.CreateConfigMap("eng", "any", [new("k", "v")]));

        await ToldAsync("dev.heliograph.object.changed /namespaces/eng/ConfigMap/any");
    }

    private static void Configure(FakeUser user, string resource) => user.Create(
        Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration,
        (Json.Map)Json.Parse($$$"""{"spec":{"resources":[{"resource":"{{{resource}}}","mode":"Propagate"}]}}"""));

    private static KeyValuePair<string, string>[] Depths(params string[] line) =>
        [.. line.Select((ns, depth) => KeyValuePair.Create(Vocabulary.Hnc.DepthLabel(ns), $"{depth}"))];

    private static Kind KindOf(string name) => Kinds.Inheritance.Single(kind => kind.Name == name);

    private async Task StartAsync(bool inherits = true, bool isReady = true)
    {
        exporter = new RunningExporter(feed, Endpoint.Address, time, new TestLifetime(), inherits);
        await exporter.StartAsync();
        if (isReady)
            await PassTimeUntilAsync(() => Running.Readiness.Obstacles.IsEmpty, "it is ready");
    }

    private Task ToldAsync(string told) => Eventually.TrueAsync(() => Told.Contains(told), $"{told} is told");

    private Task PassTimeUntilAsync(Func<bool> holds, string what) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return holds();
        },
        what);
}
