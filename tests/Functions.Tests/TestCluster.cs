using System.Collections.Concurrent;
using System.Text.Json;
using Heliograph.Engine;
using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions.Tests;

/// <summary>The API server in memory behind a lock, because a web application asks from many threads; and beside it the Events that were written.</summary>
public sealed class TestCluster : ICluster, IPermissions
{
    private readonly Lock gate = new();
    private readonly FakeApiServer server;
    private readonly FakeCluster cluster;
    private readonly FakeUser user;
    private readonly ConcurrentDictionary<(string Namespace, string Name), JsonElement> events = new();
    private int eventRequests;
    private readonly List<ListScope> lists = [];
    private int writes;

    public TestCluster(TimeProvider time)
    {
        server = new FakeApiServer(time);
        user = new FakeUser(server);
        cluster = new FakeCluster(server, gate: (request, _) => ValueTask.FromResult(Fates(request)));
    }

    /// <summary>How each request fares.</summary>
    public Func<RequestInfo, Fate> Fates { get; set; } = _ => Fate.Pass;

    /// <summary>What an attempt to write an Event is answered; null where it is carried out.</summary>
    public Failure? EventsFail { get; set; }

    /// <summary>Holds the writing of Events as long as it is not completed.</summary>
    public Task EventsGo { get; set; } = Task.CompletedTask;

    /// <summary>Which users may do what in a namespace; it may take its time.</summary>
    public Func<AdmissionUser, string, CancellationToken, Task<bool>> Permits { get; set; } = (_, _, _) => Task.FromResult(true);

    /// <summary>The Events as they were written.</summary>
    public IReadOnlyCollection<JsonElement> Events => [.. events.Values];

    /// <summary>How often an Event was to be written.</summary>
    public int EventRequests => Volatile.Read(ref eventRequests);

    /// <summary>How many writes were asked for, those of Events aside.</summary>
    public int Writes => Volatile.Read(ref writes);

    /// <summary>Does something as somebody else.</summary>
    public T Do<T>(Func<FakeUser, T> action)
    {
        lock (gate)
            return action(user);
    }

    /// <summary>Does something as somebody else.</summary>
    public void Do(Action<FakeUser> action)
    {
        lock (gate)
            action(user);
    }

    /// <summary>One object as it is; null where there is none.</summary>
    public Snapshot? Read(Kind kind, string ns, string name)
    {
        lock (gate)
            return server.Read(kind, ns, name);
    }

    /// <summary>What was listed, in order.</summary>
    public IReadOnlyList<ListScope> Lists
    {
        get
        {
            lock (gate)
                return [.. lists];
        }
    }

    /// <summary>The newest version: only a change moves it.</summary>
    public string Version
    {
        get
        {
            lock (gate)
                return server.ResourceVersion;
        }
    }

    public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
    {
        lock (gate)
        {
            lists.Add(scope);
            return cluster.ListAsync(kind, scope, keep, cancellation);
        }
    }

    public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation)
    {
        lock (gate)
            return cluster.GetAsync(kind, ns, name, depth, cancellation);
    }

    public Task<bool> MayAsync(AdmissionUser user, string verb, string group, string resource, string ns, CancellationToken cancellation) =>
        Permits(user, $"{verb} {resource}.{group} in {ns}", cancellation);

    public async Task<WriteResult> SendAsync(Write write, CancellationToken cancellation)
    {
        if (write.Kind == Kinds.Event)
            return await SendEventAsync(write, cancellation);
        Interlocked.Increment(ref writes);
        Task<WriteResult> sent;
        lock (gate)
            sent = cluster.SendAsync(write, cancellation);
        return await sent;
    }

    private async Task<WriteResult> SendEventAsync(Write write, CancellationToken cancellation)
    {
        Assert.Equal(WriteVerb.Create, write.Verb);
        await EventsGo.WaitAsync(cancellation);
        Interlocked.Increment(ref eventRequests);
        if (EventsFail is { } failure)
            return new WriteResult.Refused(failure);
        using var body = JsonDocument.Parse(write.Body);
        return events.TryAdd((write.Namespace, write.Name), body.RootElement.Clone())
            ? new WriteResult.Done("uid", "1")
            : new WriteResult.Refused(new Failure(FailureKind.Overtaken, write.ToString(), 409, "AlreadyExists"));
    }
}
