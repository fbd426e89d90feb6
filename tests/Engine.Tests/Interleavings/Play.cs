using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Engine.Tests.Interleavings;

/// <summary>
/// One cell's world and the actors in it: a user who does a few things in order, and function instances, each of which is told of one of these things
/// at any time afterwards. An instance can be killed at any request, before or after it took effect; the bus then gives its event to a new one.
/// </summary>
internal sealed class Play
{
    private const string SourceNamespace = "origin";
    private const string Name = "registry";
    private const string AsOf = "is answered from the cache as of ";
    private static readonly ResourceRef Source = new("Secret", SourceNamespace, Name);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeApiServer server;
    private readonly Stepper stepper = new();
    private readonly Script script;
    private readonly Instance[] instances;

    /// <summary>A digest of every change of the world, in order; what was only read or refused is not in it.</summary>
    private string history = "";
    private int actionsDone;
    private int crashesLeft;

    public Play(Script script)
    {
        this.script = script;
        crashesLeft = script.Crashes;
        server = new FakeApiServer(clock);
        User = new FakeUser(server);
        User.CreateNamespace(SourceNamespace);
        User.CreateNamespace("target", [new("mirrors", "wanted")]);
        script.Before(this);
        instances = [.. script.Actions.Select((action, index) => new Instance(index, action.Hint, script.RepeatsFromCache))];
    }

    public FakeUser User { get; }

    /// <summary>Everything that may happen next.</summary>
    public IEnumerable<string> Choices
    {
        get
        {
            if (actionsDone < script.Actions.Length)
                yield return $"user: {script.Actions[actionsDone].Name}";
            foreach (var instance in instances)
            {
                if (Held(instance) is not { } held)
                    continue;
                yield return $"{instance.Client} {held.Request.Title}";
                foreach (var version in Cached(held.Request))
                    yield return $"{instance.Client} {AsOf}{version}";
                // To be killed between two reads leaves what being killed before the next write leaves.
                if (crashesLeft == 0 || !held.Request.IsWrite)
                    continue;
                yield return $"{instance.Client} killed before {held.Request.Title}";
                yield return $"{instance.Client} killed after {held.Request.Title}";
            }
        }
    }

    /// <summary>All that decides what can happen from here: the world, and what each instance has seen of it.</summary>
    public string State => $"{actionsDone}|{crashesLeft}|{history}|{string.Join('|', instances.Select(instance => $"{instance.Seen}{instance.IsDone}{Held(instance)?.Request.Title}"))}";

    public void Take(string choice)
    {
        var version = server.ResourceVersion;
        var instance = instances.SingleOrDefault(one => choice.StartsWith(one.Client + " ", StringComparison.Ordinal));
        if (instance is null)
        {
            script.Actions[actionsDone].Do(this);
            instances[actionsDone++].IsTold(server.ResourceVersion);
        }
        else
        {
            Take(instance, choice[(instance.Client.Length + 1)..]);
        }
        if (server.ResourceVersion != version)
            history = Hash(history + choice);
        // To start is to hold one's first request; when that happens makes no difference to anybody.
        foreach (var waiting in instances.Where(one => one.Index < actionsDone && !one.IsRunning && !one.IsDone))
            Start(waiting);
    }

    /// <summary>The versions, besides the newest, of which the API server's cache may answer.</summary>
    private IEnumerable<long> Cached(RequestInfo request)
    {
        for (var version = script.Caches ? request.NotOlderThan ?? Newest : Newest; version < Newest; version++)
            yield return version;
    }

    private long Newest => long.Parse(server.ResourceVersion, CultureInfo.InvariantCulture);

    private void Take(Instance instance, string step)
    {
        long? asOf = step.StartsWith(AsOf, StringComparison.Ordinal) ? long.Parse(step.AsSpan(AsOf.Length), CultureInfo.InvariantCulture) : null;
        instance.Saw(step + AnswerTo(Held(instance)!.Request, asOf));
        if (asOf is { } version)
            Held(instance)!.Release(Fate.Stale(version));
        else if (step.StartsWith("killed", StringComparison.Ordinal))
            Crash(instance, afterwards: step.StartsWith("killed after", StringComparison.Ordinal));
        else
            Held(instance)!.Release();
        // Conflict after conflict is answered with "again": the bus gives the event to a new instance.
        if (instance.Run is { IsCompleted: true } run)
            instance.End(again: run.GetAwaiter().GetResult().MustRetry);
    }

    /// <summary>
    /// What the answer to a request can depend on. Of the list of namespaces, which nobody changes here, it is only whether the source changes after it.
    /// </summary>
    private string AnswerTo(RequestInfo request, long? asOf) => request switch
    {
        { IsWrite: true } => history,
        { Verb: ApiVerb.List } when request.Kind == Kinds.Secret => Version(SourceNamespace, asOf) + Version("target", asOf),
        _ => Version(SourceNamespace),
    };

    private string Version(string ns, long? asOf = null) => server.Read(Kinds.Secret, ns, Name, atVersion: asOf) is { } read ? $"{read.Uid}@{read.ResourceVersion};" : "none;";

    /// <summary>What is wrong at the end; null where all is well.</summary>
    public string? Fault()
    {
        var source = server.Read(Kinds.Secret, SourceNamespace, Name);
        var mirror = server.Read(Kinds.Secret, "target", Name);
        var wanted = source is not null && server.Read(Kinds.Namespace, "", "target")!.Labels.ContainsKey("mirrors");
        return (wanted, mirror) switch
        {
            (true, null) => "the mirror is missing",
            (false, not null) => "an orphan is left",
            (true, { } stands) when Data(stands) != Data(source!) => $"the mirror is stale: {Data(stands)} instead of {Data(source!)}",
            _ => null,
        };
    }

    public void CreateSource(string value) => User.CreateSecret(
        SourceNamespace, Name, [new("key", value)],
        annotations:
        [
            new(Vocabulary.Reflector.Allowed, "true"), new(Vocabulary.Reflector.AutoEnabled, "true"),
            new(Vocabulary.Reflector.AllowedNamespacesSelector, "mirrors=wanted"),
        ]);

    public void UpdateSource(string value) => User.SetSecretKey(SourceNamespace, Name, "key", value);

    public void DeleteSource() => User.Delete(Kinds.Secret, SourceNamespace, Name);

    public void EditMirror(string value)
    {
        if (server.Read(Kinds.Secret, "target", Name) is not null)
            User.SetSecretKey("target", Name, "key", value);
    }

    public void DeleteMirror()
    {
        if (server.Read(Kinds.Secret, "target", Name) is not null)
            User.Delete(Kinds.Secret, "target", Name);
    }

    /// <summary>Brings the mirror up to date with nobody else around.</summary>
    public void Settle()
    {
        using var reconciler = new Reconciler(new FakeCluster(server), new EngineSettings(), clock);
        stepper.Start(() => reconciler.RunAsync([new Scope.Row(Source) { OtherMirrors = [] }], dryRun: false, CancellationToken.None)).GetAwaiter().GetResult();
    }

    public static Scope Row { get; } = new Scope.Row(Source) { OtherMirrors = [] };

    public static Scope Cell { get; } = new Scope.Cell(Source, Source with { Namespace = "target" });

    private void Start(Instance instance)
    {
        ICluster door = new FakeCluster(server, instance.Client, stepper.Gate);
        if (script.Mutate is { } mutate)
            door = mutate(door);
        var reconciler = new Reconciler(door, new EngineSettings(), clock);
        instance.Run = stepper.Start(() => reconciler.RunAsync([instance.Hint], dryRun: false, CancellationToken.None));
    }

    private void Crash(Instance instance, bool afterwards)
    {
        crashesLeft--;
        if (afterwards)
            Held(instance)!.Release(Fate.CrashAfter);
        else
            stepper.Kill(instance.Client);
        instance.End(again: true);
    }

    private HeldRequest? Held(Instance instance) => stepper.Waiting.SingleOrDefault(held => held.Request.Client == instance.Client);

    private static string Data(Snapshot read) => read.Content is { } content && content.Fields.TryGetValue("data", out var data) ? data.GetRawText() : "";

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 8);

    /// <summary>One delivery of one hint, and its redeliveries.</summary>
    private sealed class Instance(int index, Scope scope, bool keepsVersion)
    {
        private int delivery;

        public int Index { get; } = index;

        private string? version;

        public Scope Hint => scope with { NotOlderThan = version };

        public string Client => $"f{Index}.{delivery}";

        public Task<Outcome>? Run { get; set; }

        public bool IsRunning => Run is not null;

        public bool IsDone { get; private set; }

        /// <summary>A digest of every step and of what was answered: all that its memory can depend on.</summary>
        public string Seen { get; private set; } = "";

        /// <summary>The first delivery of its event says of which version it is; a repeated one does not, see the decision on the order of reads.</summary>
        public void IsTold(string of) => version = of;

        public void Saw(string step) => Seen = Hash(Seen + step);

        public void End(bool again)
        {
            Run = null;
            Seen = "";
            version = keepsVersion ? version : null;
            IsDone = !again;
            delivery++;
        }
    }
}

/// <summary>What is played.</summary>
/// <param name="Before">Makes the world as it is at the beginning.</param>
/// <param name="Actions">What the user does, in this order, and where each event of it points.</param>
internal sealed record Script(Action<Play> Before, params (string Name, Action<Play> Do, Scope Hint)[] Actions)
{
    /// <summary>How often an instance may be killed.</summary>
    public int Crashes { get; init; } = 1;

    /// <summary>Whether lists may be answered from a cache that lags. It multiplies the orders.</summary>
    public bool Caches { get; init; } = true;

    /// <summary>Whether also a repeated delivery allows that, in a losing design.</summary>
    public bool RepeatsFromCache { get; init; }

    /// <summary>What spoils the engine, in a mutant.</summary>
    public Func<ICluster, ICluster>? Mutate { get; init; }
}
