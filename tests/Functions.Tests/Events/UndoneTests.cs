using System.Net;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests.Events;

/// <summary>A namespace in which nothing can be written, as one whose admission webhook fails: what is told of it to whom, and what the next attempt costs.</summary>
public sealed class UndoneTests
{
    private const string Cell = "Secret%2Fdefault%2Fregistry>Secret%2Fteam-a%2Fregistry";

    private static readonly (string, string) Direct = (EventTypes.DirectHeader, "true");
    private static readonly Hint All = new Hint.SyncCompleted();

    private int reads;
    private int writes;

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(0)]
    public async Task The_exporter_is_told_which_cell_is_left_and_everything_else_is_done(int status)
    {
        await using var app = await StartAsync(status);

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All), headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(Cell, Assert.Single(answer.Headers.GetValues(Undone.Header)));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
        Assert.Null(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task Looking_at_that_cell_again_costs_a_look_at_that_cell()
    {
        await using var app = await StartAsync(500);
        var hint = Undone.Read(Cell).Hints().Single();
        app.Cluster.Fates = request =>
        {
            Interlocked.Increment(ref request.IsWrite ? ref writes : ref reads);
            return Fails(request, 500);
        };

        using var again = await app.PostAsync("/api/events", CloudEventText.Of(hint), headers: Direct);
        Assert.Equal(Cell, Assert.Single(again.Headers.GetValues(Undone.Header)));
        Assert.Equal(3, writes);
        Assert.Equal(9, reads);

        app.Cluster.Fates = _ => Fate.Pass;
        using var done = await app.PostAsync("/api/events", CloudEventText.Of(hint), headers: Direct);
        Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        Assert.False(done.Headers.Contains(Undone.Header));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task Any_other_bus_is_asked_to_deliver_all_of_it_again()
    {
        await using var app = await StartAsync(500);

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.False(answer.Headers.Contains(Undone.Header));
    }

    [Fact]
    public async Task Where_not_every_kind_could_be_read_all_is_left()
    {
        await using var app = await StartAsync(500);
        app.Cluster.Fates = request => request is { Kind.Name: "ConfigMap", Verb: ApiVerb.List } ? Fate.Refuse(500, "InternalError") : Fails(request, 500);

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All), headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues(Undone.Header)));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
    }

    [Fact]
    public async Task Where_nothing_could_be_read_nobody_says_what_is_left()
    {
        await using var app = await StartAsync(500);
        app.Cluster.Fates = request => request.Verb == ApiVerb.List ? Fate.Refuse(500, "InternalError") : Fate.Pass;

        foreach (var hint in (Hint[])[All, Changed("registry"), new Hint.NamespaceChanged { Namespace = "team-b" }])
        {
            using var answer = await app.PostAsync("/api/events", CloudEventText.Of(hint), headers: Direct);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.False(answer.Headers.Contains(Undone.Header));
        }
    }

    [Fact]
    public async Task What_could_not_be_read_of_a_batch_is_told_and_the_rest_is_done()
    {
        await using var app = await StartAsync(500);
        app.Cluster.Do(user => user.Secret("default", "broken", Annotations.Pushing("team-.*")));
        app.Cluster.Fates = request => request is { Namespace: "default", Name: "broken" } or { Verb: ApiVerb.List, Name: "broken" } ? Fate.Refuse(500, "InternalError") : Fate.Pass;
        var cell = new Hint.ObjectChanged { Object = new("Secret", "team-b", "broken"), MirrorOf = [new("Secret", "default", "gone")] };
        Hint[] hints = [Changed("broken") with { Mirrors = [new("Secret", "team-a", "other")] }, cell, new Hint.NamespaceChanged { Namespace = "team-a", Sources = [Changed("broken").Object] }, Changed("registry")];

        using var answer = await app.PostAsync("/api/events", $"[{string.Join(',', hints.Select(hint => CloudEventText.Of(hint)))}]", headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var undone = Undone.Read(Assert.Single(answer.Headers.GetValues(Undone.Header)));
        Assert.Equal([new(cell.MirrorOf[0], cell.Object), new(Changed("broken").Object, new("Secret", "team-a", "other"))], undone.Cells);
        Assert.Equal([Changed("broken").Object], undone.Rows);
        Assert.Equal(["team-a"], undone.Columns);
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
    }

    [Fact]
    public async Task A_sweep_tells_which_sources_it_could_not_look_at()
    {
        await using var app = await StartAsync(500);
        app.Cluster.Do(user => user.Secret("default", "broken", Annotations.Pushing("team-.*")));
        app.Cluster.Fates = request => request is { Verb: ApiVerb.List, Name: "broken" } ? Fate.Refuse(500, "InternalError") : Fate.Pass;

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All), headers: Direct);

        Assert.Equal("Secret%2Fdefault%2Fbroken", Assert.Single(answer.Headers.GetValues(Undone.Header)));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
    }

    [Fact]
    public async Task What_there_was_no_time_for_is_told_and_the_rest_is_done()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(500, time);
        app.Cluster.Do(user => user.Secret("default", "late", Annotations.Pushing("team-.*")));
        app.Cluster.Fates = request =>
        {
            if (request is { Verb: ApiVerb.List, Name: "late" })
                time.Advance(Work.Deadline + TimeSpan.FromSeconds(1));
            return Fate.Pass;
        };

        using var answer = await app.PostAsync("/api/events", $"[{CloudEventText.Of(Changed("registry"))},{CloudEventText.Of(Changed("late"))}]", headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("Secret%2Fdefault%2Flate", Assert.Single(answer.Headers.GetValues(Undone.Header)));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
        Assert.Null(app.Cluster.Read(Kinds.Secret, "team-a", "late"));
        Assert.Contains(app.Log.Lines, line => line.Message.Contains("row Secret/default/late: not finished after 25 s; another run goes on", StringComparison.Ordinal));

        // Nothing but one event, which nobody else can be told apart from.
        using var alone = await app.PostAsync("/api/events", CloudEventText.Of(Changed("late")), headers: Direct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, alone.StatusCode);
        Assert.False(alone.Headers.Contains(Undone.Header));
    }

    [Fact]
    public async Task A_list_that_a_sweep_needs_is_not_given_up_at_once()
    {
        await using var app = await StartAsync(500);
        var failed = 0;
        app.Cluster.Fates = request => request is { Kind.Name: "Secret", Verb: ApiVerb.List, Name: "" } && Interlocked.Increment(ref failed) <= 2 ? Fate.Refuse(500, "InternalError") : Fate.Pass;

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All), headers: Direct);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
    }

    [Fact]
    public async Task Where_something_could_not_be_understood_either_that_is_told_first_the_next_time()
    {
        await using var app = await StartAsync(500);

        using var answer = await app.PostAsync("/api/events", $"[{CloudEventText.Of(All)}, {{}}]", headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.False(answer.Headers.Contains(Undone.Header));
    }

    private static Hint.ObjectChanged Changed(string name) => new() { Object = new("Secret", "default", name), IsSource = true };

    private static Fate Fails(RequestInfo request, int status) => request is { IsWrite: true, Namespace: "team-a" } ? Fate.Refuse(status, "InternalError") : Fate.Pass;

    private static async Task<TestApp> StartAsync(int status, TimeProvider? time = null)
    {
        var app = await TestApp.StartAsync(time);
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        app.Cluster.Fates = request => Fails(request, status);
        return app;
    }
}
