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
    public async Task A_sweep_over_an_unchanged_world_costs_one_list_for_each_kind_and_one_of_namespaces()
    {
        await RunAsync(new Scope.Everything());
        door.ForgetRequests();

        await RunAsync(new Scope.Everything());

        Assert.Equal(["list configmaps", "list namespaces", "list secrets"], door.Requests.Select(request => request.Title).Order(StringComparer.Ordinal));
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

    private (int Reads, int Writes) Asked() => (door.Requests.Count - door.Writes, door.Writes);

    private async Task RunAsync(params Scope[] scopes)
    {
        var outcome = await reconciler.RunAsync(scopes, dryRun: false, TestContext.Current.CancellationToken);
        Assert.False(outcome.MustRetry);
    }
}
