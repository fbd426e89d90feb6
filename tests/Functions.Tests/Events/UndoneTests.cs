using System.Net;
using Heliograph.Fakes;
using Heliograph.Model;

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
        Assert.Equal(Cell, Assert.Single(answer.Headers.GetValues(UndoneCells.Header)));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
        Assert.Null(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task Looking_at_that_cell_again_costs_a_look_at_that_cell()
    {
        await using var app = await StartAsync(500);
        var hint = UndoneCells.Hints(UndoneCells.Read(Cell)).Single();
        app.Cluster.Fates = request =>
        {
            Interlocked.Increment(ref request.IsWrite ? ref writes : ref reads);
            return Fails(request, 500);
        };

        using var again = await app.PostAsync("/api/events", CloudEventText.Of(hint), headers: Direct);
        Assert.Equal(Cell, Assert.Single(again.Headers.GetValues(UndoneCells.Header)));
        Assert.Equal(3, writes);
        Assert.Equal(9, reads);

        app.Cluster.Fates = _ => Fate.Pass;
        using var done = await app.PostAsync("/api/events", CloudEventText.Of(hint), headers: Direct);
        Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        Assert.False(done.Headers.Contains(UndoneCells.Header));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task Any_other_bus_is_asked_to_deliver_all_of_it_again()
    {
        await using var app = await StartAsync(500);

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.False(answer.Headers.Contains(UndoneCells.Header));
    }

    [Fact]
    public async Task Where_not_everything_could_be_read_nobody_says_what_is_left()
    {
        await using var app = await StartAsync(500);
        app.Cluster.Fates = request => request is { Kind.Name: "ConfigMap", Verb: ApiVerb.List } ? Fate.Refuse(500, "InternalError") : Fails(request, 500);

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(All), headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.False(answer.Headers.Contains(UndoneCells.Header));
    }

    [Fact]
    public async Task Where_something_could_not_be_understood_either_that_is_told_first_the_next_time()
    {
        await using var app = await StartAsync(500);

        using var answer = await app.PostAsync("/api/events", $"[{CloudEventText.Of(All)}, {{}}]", headers: Direct);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.False(answer.Headers.Contains(UndoneCells.Header));
    }

    private static Fate Fails(RequestInfo request, int status) => request is { IsWrite: true, Namespace: "team-a" } ? Fate.Refuse(status, "InternalError") : Fate.Pass;

    private static async Task<TestApp> StartAsync(int status)
    {
        var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        app.Cluster.Fates = request => Fails(request, status);
        return app;
    }
}
