using System.Globalization;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Fakes;

/// <summary>One client's door to a <see cref="FakeApiServer"/>: the engine's port, with a gate in front of every request.</summary>
/// <param name="server">The API server; any number of clients share it.</param>
/// <param name="client">The client's name, for schedules and messages.</param>
/// <param name="gate">Holds every request; null lets them pass at once.</param>
/// <param name="manager">The field manager of its writes.</param>
public sealed class FakeCluster(
    FakeApiServer server, string client = "functions", RequestGate? gate = null, string manager = Vocabulary.FieldManager) : ICluster
{
    private readonly List<RequestInfo> requests = [];
    private int number;

    /// <summary>Every request this client has made, in order, those that failed included.</summary>
    public IReadOnlyList<RequestInfo> Requests
    {
        get
        {
            lock (requests)
                return [.. requests];
        }
    }

    /// <summary>How often a verb was asked of a kind; of every kind where none is given.</summary>
    public int Count(ApiVerb verb, Kind? kind = null) => Requests.Count(request => request.Verb == verb && (kind is null || request.Kind.Name == kind.Name));

    /// <summary>How many requests changed something or would have.</summary>
    public int Writes => Requests.Count(request => request.IsWrite);

    /// <summary>Forgets the requests made so far; their numbers go on.</summary>
    public void ForgetRequests()
    {
        lock (requests)
            requests.Clear();
    }

    /// <inheritdoc/>
    public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) => AskAsync(
        Next(ApiVerb.List, kind, scope.Namespace ?? "", scope.Name ?? "", scope.NotOlderThan is { } least ? Number(least) : null),
        at => new Listing(
            [.. server.ReadAll(kind, scope.Namespace, scope.Name, withContent: scope.Depth == ReadDepth.Content, at).Where(snapshot => keep?.Invoke(snapshot) != false)],
            at is { } version ? version.ToString(CultureInfo.InvariantCulture) : server.ResourceVersion),
        failure => throw new ClusterException(failure),
        cancellation);

    /// <inheritdoc/>
    public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) => AskAsync(
        Next(ApiVerb.Get, kind, ns, name),
        at => server.Read(kind, ns, name, depth == ReadDepth.Content, at),
        failure => throw new ClusterException(failure),
        cancellation);

    /// <inheritdoc/>
    public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        var info = Next(VerbOf(write.Verb), write.Kind, write.Namespace, write.Name);
        return AskAsync(info, _ => Send(info, write), failure => new WriteResult.Refused(failure), cancellation);
    }

    private static ApiVerb VerbOf(WriteVerb verb) => verb switch
    {
        WriteVerb.Create => ApiVerb.Create,
        WriteVerb.Replace => ApiVerb.Replace,
        WriteVerb.Patch => ApiVerb.Patch,
        WriteVerb.Apply => ApiVerb.Apply,
        WriteVerb.Delete => ApiVerb.Delete,
        _ => throw new ArgumentOutOfRangeException(nameof(verb)),
    };

    private WriteResult Send(RequestInfo info, Write write)
    {
        var response = server.Handle(new ApiRequest(info.Verb, write.Kind, write.Namespace, write.Name, Json.Parse(write.Body.Span), write.Manager == Vocabulary.FieldManager ? manager : write.Manager));
        if (!response.Succeeded)
            return new WriteResult.Refused(Failures.Of(info, response));
        var identity = response.Body.TextOf("kind") == "Status" ? response.Body.MapOf("details") : response.Body.MapOf("metadata");
        return new WriteResult.Done(identity.TextOf("uid"), info.Verb == ApiVerb.Delete ? "" : identity.TextOf("resourceVersion"));
    }

    private static long Number(string version) => long.Parse(version, NumberStyles.None, CultureInfo.InvariantCulture);

    private RequestInfo Next(ApiVerb verb, Kind kind, string ns, string name, long? notOlderThan = null)
    {
        lock (requests)
        {
            var info = new RequestInfo(client, ++number, verb, kind, ns, name) { NotOlderThan = notOlderThan };
            requests.Add(info);
            return info;
        }
    }

    /// <summary>The one way of every request: through the gate, then carried out or not, then answered or not.</summary>
    private async Task<T> AskAsync<T>(RequestInfo info, Func<long?, T> carryOut, Func<Failure, T> refuse, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var fate = gate is null ? Fate.Pass : await gate(info, cancellation);
        var answer = fate.TakesEffect ? carryOut(fate.StaleVersion) : default;
        if (fate.Crashes)
            await new TaskCompletionSource().Task;
        return fate.Told is { } told ? refuse(Failures.Of(info, told)) : answer!;
    }
}
