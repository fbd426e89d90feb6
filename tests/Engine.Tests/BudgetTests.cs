using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Engine.Tests;

/// <summary>What may be asked of the API server, counted.</summary>
public sealed class BudgetTests : IDisposable
{
    private const int Mirrors = 50;
    private static readonly ResourceRef Source = new("Secret", "origin", "registry");

    private readonly FakeApiServer server;
    private readonly FakeUser user;
    private readonly FakeCluster door;
    private readonly Reconciler reconciler;

    public BudgetTests()
    {
        var clock = new FakeTimeProvider();
        server = new FakeApiServer(clock);
        user = new FakeUser(server);
        door = new FakeCluster(server);
        reconciler = new Reconciler(door, new EngineSettings(), clock);
        user.CreateNamespace("origin");
        for (var i = 0; i < Mirrors; i++)
            user.CreateNamespace($"team-{i}");
        user.CreateSecret(
            "origin", "registry", [new("key", "1")],
            annotations: [new(Vocabulary.Reflector.Allowed, "true"), new(Vocabulary.Reflector.AutoEnabled, "true")]);
    }

    public void Dispose() => reconciler.Dispose();

    [Fact]
    public async Task A_new_source_costs_four_reads_and_a_write_for_each_mirror()
    {
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.Equal((4, Mirrors), Asked());
        Assert.Equal(Mirrors, door.Count(ApiVerb.Create));
    }

    [Fact]
    public async Task A_changed_source_costs_three_reads_and_a_write_for_each_mirror()
    {
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        user.SetSecretKey("origin", "registry", "key", "2");
        door.ForgetRequests();

        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.Equal((3, Mirrors), Asked());
        Assert.Equal(Mirrors, door.Count(ApiVerb.Replace));
    }

    [Fact]
    public async Task A_source_that_is_gone_costs_three_reads_and_a_deletion_for_each_mirror()
    {
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        user.Delete(Kinds.Secret, "origin", "registry");
        door.ForgetRequests();

        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.Equal((3, Mirrors), Asked());
        Assert.Equal(Mirrors, door.Count(ApiVerb.Delete));
    }

    [Fact]
    public async Task While_no_namespace_changes_a_change_that_was_told_of_costs_two_reads()
    {
        await RunAsync(Told(new Scope.Row(Source) { OtherMirrors = [] }));
        user.SetSecretKey("origin", "registry", "key", "2");
        door.ForgetRequests();

        await RunAsync(Told(new Scope.Row(Source) { OtherMirrors = [] }));

        Assert.Equal((2, Mirrors), Asked());
        Assert.Equal("2", Text(server.Read(Kinds.Secret, "team-7", "registry")!));
    }

    [Fact]
    public async Task A_namespace_that_changed_before_it_was_told_of_is_read()
    {
        await RunAsync(Told(new Scope.Row(Source) { OtherMirrors = [] }));
        user.CreateNamespace("team-new");
        user.SetSecretKey("origin", "registry", "key", "2");

        await RunAsync(Told(new Scope.Row(Source) { OtherMirrors = [] }));

        Assert.Equal("2", Text(server.Read(Kinds.Secret, "team-new", "registry")!));
    }

    [Fact]
    public async Task Nothing_is_removed_on_what_somebody_vouches_for()
    {
        user.Annotate(Kinds.Secret, "origin", "registry", Vocabulary.Reflector.AllowedNamespacesSelector, "wanted=yes");
        await RunAsync(Told(new Scope.Row(Source) { OtherMirrors = [] }));
        var before = Told(new Scope.Row(Source) { OtherMirrors = [] });
        user.Label(Kinds.Namespace, "", "team-7", "wanted", "yes");
        await RunAsync(new Scope.Column("team-7") { Sources = [Source], Mirrors = [] });
        user.SetSecretKey("origin", "registry", "key", "2");

        await RunAsync(Told(new Scope.Row(Source) { OtherMirrors = [] }) with { NamespacesNotOlderThan = before.NamespacesNotOlderThan });

        Assert.Equal("2", Text(server.Read(Kinds.Secret, "team-7", "registry")!));
        Assert.Equal(0, door.Count(ApiVerb.Delete));
    }

    [Fact]
    public async Task A_source_that_changed_after_it_was_told_of_is_judged_by_namespaces_as_they_are_now()
    {
        var told = Told(new Scope.Row(Source) { OtherMirrors = [] });
        await RunAsync(told);
        user.CreateNamespace("team-new");
        user.SetSecretKey("origin", "registry", "key", "2");

        await RunAsync(told);

        Assert.Equal("2", Text(server.Read(Kinds.Secret, "team-new", "registry")!));
    }

    [Fact]
    public async Task A_sweep_over_an_unchanged_world_costs_one_list_for_each_kind_and_one_of_namespaces()
    {
        await RunAsync(new Scope.Everything());
        door.ForgetRequests();

        await RunAsync(new Scope.Everything());

        Assert.Equal(["list configmaps", "list namespaces", "list secrets"], door.Requests.Select(request => request.Title).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Nothing that the peer had written is left, so Kubernetes up to 1.21 books what stands there as the peer's with our second write: all that it did not change.
    /// </summary>
    [Theory]
    [InlineData("key", "2", 3, 1)]
    [InlineData("other", null, 4, 2)]
    public async Task A_mirror_that_a_peer_had_made_costs_no_sweep_a_write_after_its_source_changed(string key, string? value, int reads, int writes)
    {
        const int others = Mirrors - 1;
        user.CreateSecret(
            "team-7", "registry", [new("key", "0")],
            annotations: [new(Vocabulary.Replicator.ReplicatedFromVersion, "1"), new(Vocabulary.Replicator.ReplicatedKeys, "key")]);
        user.SetSecretKey("origin", "registry", "other", "1");
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        user.SetSecretKey("origin", "registry", key, value);
        door.ForgetRequests();

        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        Assert.Equal((reads, others + writes), Asked());
        door.ForgetRequests();
        await RunAsync(new Scope.Everything());

        Assert.Equal((3, 0), Asked());
    }

    /// <summary>A plain update leaves a value that does not change with whoever set it, and only an apply, which takes nothing away, would make it ours.</summary>
    [Fact]
    public async Task A_mirror_in_which_somebody_was_right_before_us_costs_no_sweep_a_write_after_a_key_left()
    {
        user.SetSecretKey("origin", "registry", "other", "1");
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        user.SetSecretKey("team-7", "registry", "new", "n");
        user.SetSecretKey("origin", "registry", "new", "n");
        user.SetSecretKey("origin", "registry", "other", null);
        door.ForgetRequests();

        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        Assert.Equal((4, Mirrors + 1), Asked());
        door.ForgetRequests();
        await RunAsync(new Scope.Everything());

        Assert.Equal((3, 0), Asked());
    }

    [Fact]
    public async Task A_new_namespace_costs_no_list_of_the_whole_cluster()
    {
        user.CreateNamespace("team-new");

        await RunAsync(new Scope.Column("team-new") { Sources = [Source], Mirrors = [] });

        Assert.Equal(1, door.Writes);
        Assert.DoesNotContain(door.Requests, request => request is { Verb: ApiVerb.List, Namespace: "" } && request.Kind.Namespaced);
        Assert.Equal(1, server.Read(Kinds.Secret, "team-new", "registry")?.Content?.Paths(Kinds.Secret).Length);
    }

    [Fact]
    public async Task Many_hints_about_mirrors_of_one_source_are_one_look()
    {
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        door.ForgetRequests();
        var hints = Enumerable.Range(0, Mirrors).Select(i => new Hint.ObjectChanged
        {
            Object = Source with { Namespace = $"team-{i}" },
            MirrorOf = [Source],
        });

        await RunAsync([.. Scopes.Of(hints)]);

        Assert.Equal((3, 0), Asked());
    }

    /// <summary>A place as the exporter tells of it now.</summary>
    private Scope Told(Scope place) => place with
    {
        NotOlderThan = server.Read(Kinds.Secret, "origin", "registry")!.ResourceVersion,
        NamespacesNotOlderThan = server.ReadAll(Kinds.Namespace).Select(ns => ns.ResourceVersion).Aggregate((one, other) => ResourceVersions.Newest(one, other)!),
    };

    private static string Text(Snapshot mirror) =>
        System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(mirror.Content!.Fields["data"].GetProperty("key").GetString()!));

    private (int Reads, int Writes) Asked() => (door.Requests.Count - door.Writes, door.Writes);

    private async Task RunAsync(params Scope[] scopes)
    {
        var outcome = await reconciler.RunAsync(scopes, dryRun: false, TestContext.Current.CancellationToken);
        Assert.False(outcome.MustRetry);
    }
}
