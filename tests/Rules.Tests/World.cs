using System.Collections.Immutable;
using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

/// <summary>
/// A cluster in memory in which the rules are carried out one cell at a time: gather, decide, look closer, render, send. No concurrency; what happens then is
/// tested elsewhere.
/// </summary>
internal sealed class World
{
    private static readonly DateTimeOffset Start = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly Clock clock = new();

    public World()
    {
        Server = new FakeApiServer(clock);
        User = new FakeUser(Server);
    }

    public FakeApiServer Server { get; }

    public FakeUser User { get; }

    public RuleSettings Settings { get; set; } = new();

    /// <summary>Every write that was sent.</summary>
    public List<(Intent Intent, Write Write)> Writes { get; } = [];

    /// <summary>Where the payload of a mirror was read, and why.</summary>
    public List<string> Looks { get; } = [];

    public void Tick() => clock.Now += TimeSpan.FromSeconds(1);

    public Snapshot? Read(Kind kind, string place) => Server.Read(kind, place.Split('/')[0], place.Split('/')[1]);

    /// <summary>The cell of a source and a place, the mirror's payload read or not.</summary>
    public Cell Cell(Kind kind, ResourceRef source, ResourceRef place, bool withContent)
    {
        var at = Server.Read(kind, source.Namespace, source.Name);
        var ns = Server.Read(Kinds.Namespace, "", place.Namespace, withContent: false);
        return new Cell
        {
            SourceRef = source,
            Source = at is null ? null : SourceView.Read(at, Settings),
            Place = place,
            Namespace = ns,
            Mirror = Server.Read(kind, place.Namespace, place.Name, withContent),
            Rivals = ns is null
                ? []
                : [.. Server.ReadAll(kind).Select(read => SourceView.Read(read, Settings)).Where(other => other.Ref != source && other.Ref != place && other.MayPushInto(place, ns, Settings))],
            Upstream = Upstream(kind, source),
            Settings = Settings,
        };
    }

    /// <summary>Carries one cell out to its end.</summary>
    public Intent Settle(Kind kind, string source, string place) => Settle(kind, Ref(kind, source), Ref(kind, place));

    public Intent Settle(Kind kind, ResourceRef source, ResourceRef place)
    {
        var withContent = false;
        for (var step = 0; step < 6; step++)
        {
            var cell = Cell(kind, source, place, withContent);
            var intent = Decision.Decide(cell);
            if (intent.Act == Act.Look)
            {
                Assert.False(withContent, $"{source} -> {place}: {intent} although everything was read");
                withContent = true;
                Looks.Add($"{source} -> {place}: {intent}");
                continue;
            }
            if (intent.Act == Act.Refuse && withContent)
                // It takes the payload to know that nothing can be done, every time.
                Looks.RemoveAt(Looks.Count - 1);
            if (!intent.Changes)
                return intent;
            var write = Render.Request(cell, intent, clock.GetUtcNow());
            var response = Server.Handle(new ApiRequest(VerbOf(write.Verb), kind, write.Namespace, write.Name, Json.Parse(write.Body.Span), Vocabulary.FieldManager));
            if (response.StatusCode == 422 && !withContent)
            {
                withContent = true;
                Looks.Add($"{source} -> {place}: {intent}: {response}");
                continue;
            }
            Assert.True(response.Succeeded, $"{source} -> {place}: {intent}: {write}: {response}: {string.Join(", ", response.Causes)}");
            Writes.Add((intent, write));
            if (intent.Act != Act.Replace)
                return intent;
            withContent = false;
        }
        throw new InvalidOperationException($"{source} -> {place} does not settle");
    }

    /// <summary>Every cell of the world, as a sweep would come upon them.</summary>
    public IEnumerable<(Kind Kind, ResourceRef Source, ResourceRef Place)> Cells()
    {
        var namespaces = Server.ReadAll(Kinds.Namespace).Select(ns => ns.Name).ToList();
        foreach (var kind in Kinds.All)
        {
            var cells = new HashSet<(ResourceRef Source, ResourceRef Place)>();
            foreach (var read in Server.ReadAll(kind))
            {
                foreach (var name in SourceView.Read(read, Settings).Specification.Pushes.Select(rule => rule.MirrorName).Distinct())
                    cells.UnionWith(namespaces.Select(ns => (read.Ref, new ResourceRef(kind.Name, ns, name))));
                if (Dialects.ReadRequest(read) is { } request)
                    cells.Add((request.Source, read.Ref));
                if (ResourceRef.TryParse(read.Annotation(Keys.Source), out var made) && made.Kind == kind.Name)
                    cells.Add((made, read.Ref));
                if (Dialects.ReadPeerClaim(read) is { } peer)
                    cells.Add((peer, read.Ref));
            }
            foreach (var (source, place) in cells.Order(Comparer<(ResourceRef Source, ResourceRef Place)>.Create(
                (one, other) => string.CompareOrdinal($"{one}", $"{other}"))))
                yield return (kind, source, place);
        }
    }

    /// <summary>Carries out every cell until nothing changes any more. Returns how many rounds had something to write.</summary>
    public int SettleAll()
    {
        for (var round = 0; round < 10; round++)
        {
            var before = Writes.Count;
            foreach (var (kind, source, place) in Cells().ToList())
                Settle(kind, source, place);
            if (Writes.Count == before)
                return round;
        }
        throw new InvalidOperationException("the world does not come to rest: " + string.Join("; ", Writes.TakeLast(6).Select(w => $"{w.Write}: {w.Intent}")));
    }

    public static ResourceRef Ref(Kind kind, string place) => new(kind.Name, place.Split('/')[0], place.Split('/')[1]);

    private ImmutableArray<ResourceRef> Upstream(Kind kind, ResourceRef source)
    {
        var chain = ImmutableArray<ResourceRef>.Empty;
        for (var next = source; Server.Read(kind, next.Namespace, next.Name) is { } at && Dialects.ReadUpstream(at) is { } above && !chain.Contains(above);)
        {
            chain = chain.Add(above);
            next = above;
        }
        return chain;
    }

    private static ApiVerb VerbOf(WriteVerb verb) => Enum.Parse<ApiVerb>(verb.ToString());

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
