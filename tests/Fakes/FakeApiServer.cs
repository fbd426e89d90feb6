using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>Which API server the fake is like, where they differ in what matters here.</summary>
public enum ApiServerAge
{
    /// <summary>
    /// Like 1.20, to which the conformance tests hold it. Its field ownership has a fault: a manager that lost every key of a mapping to others gets them back
    /// with the next write, whoever makes it.
    /// </summary>
    Kubernetes120,

    /// <summary>
    /// Like today's, as far as their source tells: without that fault, a namespace bears its name as a label, and a PUT with a UID to an object that is not there
    /// answers 404 rather than 409.
    /// </summary>
    Recent,
}

/// <summary>
/// A Kubernetes API server in memory, for namespaces and every kind of the kinds table. It is deterministic, has no threads and no time but the one it is
/// given, and does with each request what the real one does; the conformance tests hold it to that. Each request is one step; requests from several
/// threads take turns.
/// </summary>
/// <remarks>
/// Not there: admission by anybody else, quotas, RBAC (a test injects refusals), server-made names, paging, strategic and JSON patches, subresources,
/// garbage collection, and the API server's handling of more than ten updaters of one object.
/// </remarks>
public sealed partial class FakeApiServer
{
    /// <summary>The version of the empty world. It is no small number, so that a made-up version is never one that was.</summary>
    private const long FirstVersion = 100;

    private readonly Lock turn = new();
    private readonly TimeProvider clock;
    private readonly ApiServerAge age;
    private readonly Dictionary<string, Kind> kinds;
    private readonly List<ImmutableSortedDictionary<ObjectKey, StoredObject>> history = [];
    private readonly List<LogEntry> log = [];
    private ImmutableSortedDictionary<ObjectKey, StoredObject> objects = ImmutableSortedDictionary<ObjectKey, StoredObject>.Empty;
    private long version = FirstVersion;
    private int uids;

    /// <summary>Starts an empty API server.</summary>
    /// <param name="clock">The time of creations and deletions and in managed fields, kept to the second.</param>
    /// <param name="age">Which API server it is like.</param>
    /// <param name="additional">Kinds to serve beside namespaces and those of <see cref="Kinds.All"/>.</param>
    public FakeApiServer(TimeProvider clock, ApiServerAge age = ApiServerAge.Kubernetes120, params IEnumerable<Kind> additional)
    {
        this.clock = clock;
        this.age = age;
        kinds = Kinds.All.Append(Kinds.Namespace).Concat(Kinds.Inheritance).Append(Kinds.ResourceQuota).Append(Kinds.Definition).Concat(additional).DistinctBy(kind => kind.Name).ToDictionary(kind => kind.Name, StringComparer.Ordinal);
        objects = objects.AddRange(Kinds.Inheritance.Select(Defined).Select(stored => KeyValuePair.Create(stored.Key, stored)));
        history.Add(objects);
    }

    /// <summary>The newest version: one counter for all kinds, which only a change moves.</summary>
    public string ResourceVersion => Text(Version);

    private string Now => clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Carries a request out.</summary>
    /// <exception cref="NotSupportedException">The request needs what the fake does not have; see the remarks of this class.</exception>
    public ApiResponse Handle(ApiRequest request)
    {
        if (!kinds.ContainsKey(request.Kind.Name))
            throw new NotSupportedException($"the fake does not serve the kind {request.Kind.Name}");
        try
        {
            lock (turn)
                return Answer(request);
        }
        catch (RefusedException refusal)
        {
            return refusal.ToResponse();
        }
    }
    /// <summary>One object as a client reads it; null where there is none.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; empty for a namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="withContent">Whether the payload is read, or metadata alone.</param>
    /// <param name="atVersion">The version of the world to look at; null for the newest.</param>
    public Snapshot? Read(Kind kind, string ns, string name, bool withContent = true, long? atVersion = null) =>
        WorldAt(atVersion).GetValueOrDefault(new ObjectKey(kind.Name, ns, name))?.Read(withContent);

    /// <summary>All objects of a kind as our client lists them, that is with the kind's field selector, in the order of namespace and name.</summary>
    public IEnumerable<Snapshot> ReadAll(Kind kind, string? ns = null, string? name = null, bool withContent = false, long? atVersion = null) =>
        Select(kind, ns, name, atVersion).Where(stored => IsSelected(kind, stored)).Select(stored => stored.Read(withContent));

    /// <summary>One object as the API server holds it; null where there is none.</summary>
    public Json.Map? Body(Kind kind, string ns, string name) => objects.GetValueOrDefault(new ObjectKey(kind.Name, ns, name))?.Body;

    /// <summary>The definitions of the tree's kinds are there from the start, and are no change. Deleting one deletes no objects here.</summary>
    private static StoredObject Defined(Kind kind) => new(Kinds.Definition, Json.Of(
        ("apiVersion", Json.Of(Kinds.Definition.ApiVersion)), ("kind", Json.Of(Kinds.Definition.Name)),
        ("metadata", Json.Of(("name", Json.Of($"{kind.Plural}.{kind.Group}")), ("uid", Json.Of($"definition-{kind.Plural}")), ("resourceVersion", Json.Of(Text(FirstVersion)))))));

    private ApiResponse Answer(ApiRequest request) => request.Verb switch
    {
        ApiVerb.Get => new ApiResponse(200, (Find(request) ?? throw RefusedException.NotFound(request.Kind, request.Name)).Body),
        ApiVerb.List => ListOf(request),
        ApiVerb.Create => Create(request),
        ApiVerb.Replace => Replace(request),
        ApiVerb.Patch => Patch(request),
        ApiVerb.Apply => Apply(request),
        ApiVerb.Delete => Delete(request),
        _ => throw new NotSupportedException($"{request.Verb}"),
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private ImmutableSortedDictionary<ObjectKey, StoredObject> WorldAt(long? atVersion)
    {
        lock (turn)
            return atVersion is { } at ? history[(int)Math.Max(0, at - FirstVersion)] : objects;
    }

    private StoredObject? Find(ApiRequest request) => objects.GetValueOrDefault(new ObjectKey(request.Kind.Name, request.Namespace, request.Name));

    private IEnumerable<StoredObject> Select(Kind kind, string? ns, string? name, long? atVersion = null) =>
        WorldAt(atVersion).Values.Where(stored => stored.Kind.Name == kind.Name
            && (string.IsNullOrEmpty(ns) || stored.Namespace == ns) && (string.IsNullOrEmpty(name) || stored.Name == name));

    /// <summary>Whether the kind's field selector, of the form <c>field!=value</c>, lets an object through.</summary>
    private static bool IsSelected(Kind kind, StoredObject stored) => kind.FieldSelector?.Split("!=") switch
    {
        null => true,
        [var field, var value] => stored.Body.TextOf(field) != value,
        _ => throw new NotSupportedException($"the fake does not read the field selector {kind.FieldSelector}"),
    };

    private ApiResponse ListOf(ApiRequest request) => new(200, Json.Of(
        ("apiVersion", Json.Of(request.Kind.ApiVersion)), ("kind", Json.Of(request.Kind.Name + "List")),
        ("metadata", Json.Of(("resourceVersion", Json.Of(ResourceVersion)))),
        ("items", new Json.List([.. Select(request.Kind, request.Namespace, request.Name).Select(stored => stored.Body)]))));

    private StoredObject Commit(StoredObject changed, Change change)
    {
        var stored = changed.WithMetadata(changed.Metadata.With("resourceVersion", Text(++version)));
        objects = change == Change.Deleted ? objects.Remove(stored.Key) : objects.SetItem(stored.Key, stored);
        history.Add(objects);
        log.Add(new LogEntry(version, change, stored));
        return stored;
    }

    private enum Change
    {
        Added,
        Modified,
        Deleted,
    }

    private sealed record LogEntry(long Version, Change Change, StoredObject Object);
}
