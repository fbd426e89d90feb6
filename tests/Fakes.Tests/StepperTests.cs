using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Fakes.Tests;

/// <summary>The seam on which interleavings and simulations are built.</summary>
public sealed class StepperTests
{
    private static readonly KeyValuePair<string, string>[] Data = [new("key", "value")];
    private static readonly string[] Clients = ["A", "B"];
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void Every_order_of_two_clients_can_be_played_and_one_of_them_wins_each()
    {
        var played = new List<(string Order, string Winner)>();
        var choices = new Stack<(int Taken, int Of)>();
        do
        {
            played.Add(Play(choices));
        }
        while (Advance(choices));
        Assert.Equal(["AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"], played.Select(run => run.Order));
        Assert.Equal(["A", "A", "B", "A", "B", "B"], played.Select(run => run.Winner));
    }

    [Fact]
    public async Task A_request_from_a_thread_of_the_pool_is_refused()
    {
        var stepper = new Stepper();
        var cluster = new FakeCluster(NewServer(), "A", stepper.Gate);
        var client = stepper.Start(() => Task.Run(() => cluster.GetAsync(Kinds.Secret, "ns", "name", ReadDepth.Metadata, default)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client);
    }

    [Fact]
    public void A_crashed_client_never_goes_on_and_its_effect_is_as_the_verdict_says()
    {
        foreach (var fate in new[] { Fate.CrashBefore, Fate.CrashAfter })
        {
            var server = NewServer();
            var stepper = new Stepper();
            var client = stepper.Start(() => CreateAsync(new FakeCluster(server, "A", stepper.Gate)));
            stepper.Waiting[0].Release();
            stepper.Waiting[0].Release(fate);
            Assert.False(client.IsCompleted);
            Assert.Empty(stepper.Waiting);
            Assert.Equal(fate.TakesEffect, server.Read(Kinds.Secret, "ns", "name") is not null);
        }
    }

    [Fact]
    public void A_killed_client_has_no_requests_left()
    {
        var server = NewServer();
        var stepper = new Stepper();
        var first = stepper.Start(() => CreateAsync(new FakeCluster(server, "A", stepper.Gate)));
        var second = stepper.Start(() => CreateAsync(new FakeCluster(server, "B", stepper.Gate)));
        stepper.Kill("A");
        while (stepper.Waiting.Count > 0)
            stepper.Waiting[0].Release();
        Assert.False(first.IsCompleted);
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public void Cancelling_ends_a_held_request_without_effect()
    {
        var server = NewServer();
        var stepper = new Stepper();
        using var cancellation = new CancellationTokenSource();
        var client = stepper.Start(() => CreateAsync(new FakeCluster(server, "A", stepper.Gate), cancellation.Token));
        stepper.Waiting[0].Release();
        stepper.Do(cancellation.Cancel);
        Assert.True(client.IsCanceled);
        Assert.Empty(stepper.Waiting);
        Assert.Null(server.Read(Kinds.Secret, "ns", "name"));
    }

    [Fact]
    public void Virtual_time_moves_clients_on()
    {
        var server = NewServer();
        var stepper = new Stepper();
        var cluster = new FakeCluster(server, "A", stepper.Gate);
        var client = stepper.Start(async () =>
        {
            await Task.Delay(TimeSpan.FromHours(1), clock);
            return await cluster.GetAsync(Kinds.Secret, "ns", "name", ReadDepth.Metadata, default);
        });
        stepper.Do(() => clock.Advance(TimeSpan.FromMinutes(59)));
        Assert.Empty(stepper.Waiting);
        stepper.Do(() => clock.Advance(TimeSpan.FromMinutes(1)));
        Assert.Single(stepper.Waiting).Release();
        Assert.True(client.IsCompletedSuccessfully);
    }

    private FakeApiServer NewServer()
    {
        var server = new FakeApiServer(clock);
        new FakeUser(server).CreateNamespace("ns");
        return server;
    }

    private static async Task<WriteResult> CreateAsync(FakeCluster cluster, CancellationToken cancellation = default)
    {
        await cluster.GetAsync(Kinds.Secret, "ns", "name", ReadDepth.Metadata, cancellation);
        var body = Json.Of(("metadata", Json.Of(("name", Json.Of("name")))), ("stringData", Json.Of(Data)));
        return await cluster.SendAsync(new Write(WriteVerb.Create, Kinds.Secret, "ns", "name", body.ToUtf8()), cancellation);
    }

    /// <summary>Plays one schedule: follows the choices given and takes the first way wherever there is none.</summary>
    private (string Order, string Winner) Play(Stack<(int Taken, int Of)> choices)
    {
        var given = new Queue<(int Taken, int Of)>(choices.Reverse());
        choices.Clear();
        var server = NewServer();
        var stepper = new Stepper();
        var clients = Clients.Select(name => stepper.Start(() => CreateAsync(new FakeCluster(server, name, stepper.Gate)))).ToList();
        var order = "";
        while (stepper.Waiting.Count > 0)
        {
            var ways = stepper.Waiting.OrderBy(held => held.Request.Client).ToList();
            var choice = given.TryDequeue(out var next) ? next : (0, ways.Count);
            choices.Push(choice);
            order += ways[choice.Item1].Request.Client;
            ways[choice.Item1].Release();
        }
        return (order, clients[0].Result is WriteResult.Done ? "A" : clients[1].Result is WriteResult.Done ? "B" : "nobody");
    }

    /// <summary>Moves on to the next schedule in depth-first order; false after the last.</summary>
    private static bool Advance(Stack<(int Taken, int Of)> choices)
    {
        while (choices.TryPop(out var last))
        {
            if (last.Taken + 1 < last.Of)
            {
                choices.Push((last.Taken + 1, last.Of));
                return true;
            }
        }
        return false;
    }
}
