using System.Text;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Engine.Tests;

/// <summary>What fails for now is asked for again by itself: what was read already is not read once more for its sake, and nothing else is lost with it.</summary>
public sealed class PatienceTests : IDisposable
{
    private static readonly ResourceRef Source = new("Secret", "origin", "s0");

    private readonly FakeTimeProvider clock = new();
    private readonly FakeApiServer server;
    private readonly FakeUser user;
    private readonly FakeCluster door;
    private readonly Reconciler reconciler;
    private Func<RequestInfo, Fate> fates = _ => Fate.Pass;

    public PatienceTests()
    {
        server = new FakeApiServer(clock);
        user = new FakeUser(server);
        door = new FakeCluster(server, gate: (request, _) => ValueTask.FromResult(fates(request)));
        reconciler = new Reconciler(door, new EngineSettings(), clock);
        foreach (var ns in (string[])["origin", "a", "b"])
            user.CreateNamespace(ns);
        for (var i = 0; i < 20; i++)
            user.CreateSecret("origin", $"s{i}", [new("key", "1")], annotations: [new(Vocabulary.Reflector.Allowed, "true"), new(Vocabulary.Reflector.AutoEnabled, "true")]);
    }

    public void Dispose() => reconciler.Dispose();

    [Fact]
    public async Task However_many_reads_a_namespace_takes_only_those_that_failed_are_asked_for_again()
    {
        await RunAsync(new Scope.Column("a") { Sources = [.. Enumerable.Range(0, 20).Select(Named)], Mirrors = [] });
        var reads = door.Requests.Count(request => !request.IsWrite);
        door.ForgetRequests();
        var failed = new HashSet<string>();
        fates = request => !request.IsWrite && failed.Add(request.Title) ? Fate.TimedOut(takesEffect: false) : Fate.Pass;

        var outcome = await RunAsync(new Scope.Column("b") { Sources = [.. Enumerable.Range(0, 20).Select(Named)], Mirrors = [] });

        Assert.Equal((false, 20), (outcome.MustRetry, server.ReadAll(Kinds.Secret, "b").Count()));
        Assert.Equal(reads + failed.Count, door.Requests.Count(request => !request.IsWrite));
    }

    [Fact]
    public async Task Where_a_cache_does_not_answer_the_newest_state_is_asked_for()
    {
        fates = request => request.NotOlderThan is null ? Fate.Pass : Fate.Refuse(504, "Timeout");

        var outcome = await RunAsync(new Scope.Row(Source) { OtherMirrors = [], NotOlderThan = server.ResourceVersion });

        Assert.False(outcome.MustRetry);
        Assert.Equal(1, door.Requests.Count(request => request.NotOlderThan is not null));
        Assert.NotNull(server.Read(Kinds.Secret, "a", "s0"));
    }

    [Fact]
    public async Task What_never_comes_is_left_to_another_delivery()
    {
        fates = _ => Fate.TooManyRequests(TimeSpan.FromSeconds(1));
        var began = clock.GetUtcNow();

        var outcome = await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.True(outcome is { MustRetry: true, HasLooked: false, RetryAfter.TotalSeconds: 1 });
        Assert.Equal((Attempts.Reads, Attempts.Reads - 1.0), (door.Requests.Count, (clock.GetUtcNow() - began).TotalSeconds));
    }

    [Theory]
    [InlineData(ApiVerb.List)]
    [InlineData(ApiVerb.Create)]
    public async Task Where_the_API_server_asks_for_more_time_than_there_is_nothing_is_sent_before(ApiVerb verb)
    {
        fates = request => request.Verb == verb && request.Namespace != "b" ? Fate.TooManyRequests(TimeSpan.FromSeconds(3)) : Fate.Pass;

        var outcome = await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.True(outcome is { MustRetry: true, RetryAfter.TotalSeconds: 3 });
        Assert.Equal(1, door.Requests.Count(request => request.Verb == verb && request.Namespace != "b"));
    }

    [Fact]
    public async Task The_longest_pause_that_any_write_was_asked_for_is_kept_by_all()
    {
        fates = request => (request.IsWrite, request.Namespace) switch
        {
            (true, "a") => Fate.TooManyRequests(),
            (true, "b") => Fate.TooManyRequests(TimeSpan.FromSeconds(2)),
            _ => Fate.Pass,
        };
        var began = clock.GetUtcNow();

        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.Equal((3, 4.0), (door.Requests.Count(request => request is { IsWrite: true, Namespace: "b" }), (clock.GetUtcNow() - began).TotalSeconds));
    }

    [Fact]
    public async Task What_takes_long_to_fail_is_not_asked_for_again()
    {
        fates = _ =>
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            return Fate.TimedOut(takesEffect: false);
        };

        Assert.True((await RunAsync(new Scope.Row(Source) { OtherMirrors = [] })).MustRetry);
        Assert.Single(door.Requests);
    }

    [Fact]
    public async Task What_is_not_allowed_is_not_asked_for_again()
    {
        fates = request => request.Verb == ApiVerb.List ? Fate.Forbidden : Fate.Pass;

        Assert.True((await RunAsync(new Scope.Row(Source) { OtherMirrors = [] })).WasNotAllowed);
        Assert.Single(door.Requests);
    }

    [Fact]
    public async Task A_mirror_that_cannot_be_read_is_left_alone_and_the_others_are_put_right()
    {
        await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });
        foreach (var ns in (string[])["a", "b"])
            user.SetSecretKey(ns, "s0", "key", "spoilt");
        fates = request => request is { Verb: ApiVerb.Get, Namespace: "a" } ? Fate.ServerError(takesEffect: false) : Fate.Pass;

        var outcome = await RunAsync(new Scope.Row(Source) { OtherMirrors = [] });

        Assert.Equal([new CellRef(Source, Source with { Namespace = "a" })], outcome.Undone.Cells.ToArray());
        Assert.True(outcome is { HasLooked: true, Undone.Count: 1 });
        Assert.Equal(("spoilt", "1"), (Key("a"), Key("b")));
    }

    private static ResourceRef Named(int i) => Source with { Name = $"s{i}" };

    private string Key(string ns) => Encoding.UTF8.GetString(Convert.FromBase64String(server.Body(Kinds.Secret, ns, "s0")!.MapOf("data").TextOf("key")));

    /// <summary>Runs, and lets time pass wherever that is what it waits for.</summary>
    private async Task<Outcome> RunAsync(Scope scope)
    {
        var run = reconciler.RunAsync([scope], dryRun: false, TestContext.Current.CancellationToken);
        while (!run.IsCompleted)
            clock.Advance(TimeSpan.FromMilliseconds(100));
        return await run;
    }
}
