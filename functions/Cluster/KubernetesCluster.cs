using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Heliograph.Cluster.Access;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Cluster;

/// <summary>
/// The Kubernetes API server, behind the engine's port, and beside it what the exporter needs: lists and watches. One instance serves a whole process and
/// any number of callers at once. It never repeats a write, and no body of a request or an answer ever becomes part of a failure.
/// </summary>
public sealed class KubernetesCluster : ICluster, IPermissions, IDisposable
{
    /// <summary>The name of the meter, for whoever collects: it has <c>heliograph.cluster.requests</c> with <c>verb</c>, <c>kind</c> and <c>status</c>.</summary>
    public const string MeterName = "Heliograph.Cluster";

    /// <summary>No list has more pages; a server that offers more goes round in circles.</summary>
    private const int MaxPages = 10_000;
    private const int MaxListStarts = 3;
    private const int MaxObjectBytes = 8 << 20;

    private readonly ApiConnection connection;
    private readonly int pageSize;

    private readonly TimeProvider time;

    private KubernetesCluster(ApiConnection connection, int pageSize, TimeProvider time)
    {
        this.connection = connection;
        this.pageSize = pageSize;
        this.time = time;
    }

    /// <summary>Reads the configuration and prepares the connections; nothing is sent yet.</summary>
    /// <param name="options">Which API server, as whom.</param>
    /// <param name="meters">Where the request counter belongs; null for one shared by the process.</param>
    /// <param name="time">The clock for the age of credentials, the silence of watches and <c>Retry-After</c> dates; null for the system's.</param>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static KubernetesCluster Connect(ClusterOptions options, IMeterFactory? meters = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        time ??= TimeProvider.System;
        var access = ClusterConfiguration.Read(options, time);
        return new KubernetesCluster(new ApiConnection(access, options.RequestTimeout, new RequestCounter(meters), time), options.PageSize, time);
    }

    /// <summary>Whether the API server is known by an authority that the operating system trusts, because the configuration names none.</summary>
    public bool NeedsSystemAuthorities => connection.NeedsSystemAuthorities;

    /// <summary>Where the API server is, for logs: scheme, host and port.</summary>
    public string DescribeConnection() => connection.Endpoint;

    /// <summary>Asks the server for its version.</summary>
    /// <exception cref="ClusterException">It did not say.</exception>
    public Task<ServerVersion> GetVersionAsync(CancellationToken cancellation) => connection.AskAsync(
        new ApiRequest { Method = HttpMethod.Get, Verb = "get", Kind = "version", Path = "/version", Title = "get the server's version" },
        static async (stream, cancellation) =>
        {
            using var body = await PooledBody.ReadAsync(stream, MaxObjectBytes, cancellation).ConfigureAwait(false);
            return VersionReader.Read(body.Bytes);
        },
        cancellation);

    /// <inheritdoc/>
    /// <remarks>
    /// Where the token of a next page has expired (410; the API server keeps it for five minutes) the list begins anew, so that it is always one state of the
    /// world. The third time it fails as <see cref="FailureKind.NotNow"/>.
    /// </remarks>
    public async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(kind);
        for (var start = 1; ; start++)
        {
            try
            {
                return await ReadListAsync(kind, scope, keep, cancellation).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Failure.StatusCode == 410 && start < MaxListStarts)
            {
                // What was read so far is no longer the beginning of any list.
            }
        }
    }

    /// <summary>Lists the metadata of a kind in the whole cluster as one consistent state, from which a watch can go on.</summary>
    /// <remarks>
    /// A page is read whole before it is handed out, so a slow caller keeps no connection busy. An expired page (410) ends the list: start again.
    /// </remarks>
    /// <exception cref="ClusterException">The list could not be read, or not to its end.</exception>
    public IAsyncEnumerable<ListPage> ListForWatchAsync(Kind kind, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return PagesAsync(kind, default, cancellation);
    }

    /// <summary>
    /// Watches the metadata of a kind in the whole cluster: one call is one connection, and going on where it ended is the caller's part.
    /// </summary>
    /// <param name="kind">What is watched.</param>
    /// <param name="resourceVersion">Where to begin: the version of a list, of the last line, or of a bookmark.</param>
    /// <param name="serverTimeout">After how long the API server is asked to end the watch.</param>
    /// <param name="silence">
    /// How long nothing may come before the connection counts as dead. Longer than <paramref name="serverTimeout"/>, since a world in which nothing
    /// happens is silent.
    /// </param>
    /// <param name="cancellation">Ends the watch.</param>
    /// <param name="opened">Called once the API server has accepted the watch, which may then be silent for long.</param>
    /// <returns>The lines, until the API server ends the watch. Lines of types that we do not know are passed over.</returns>
    /// <exception cref="ClusterException">
    /// The watch was refused, for example with 410 for a version that is too old; or it broke off, was silent for too long, or made no sense.
    /// </exception>
    public async IAsyncEnumerable<WatchLine> WatchAsync(
        Kind kind, string resourceVersion, TimeSpan serverTimeout, TimeSpan silence, [EnumeratorCancellation] CancellationToken cancellation, Action? opened = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var request = Requests.Watch(kind, resourceVersion, serverTimeout);
        using var response = await connection.OpenAsync(request, cancellation).ConfigureAwait(false);
        opened?.Invoke();
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await foreach (var line in new WatchStream(request.Title, kind, silence, time).ReadAsync(stream, cancellation).ConfigureAwait(false))
            yield return line;
    }

    /// <inheritdoc/>
    public async Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (!Requests.CanName(kind, ns, name))
            return null;
        var withContent = depth == ReadDepth.Content;
        try
        {
            return await connection.AskAsync(
                Requests.Get(kind, ns, name, withContent),
                async (stream, cancellation) =>
                {
                    using var body = await PooledBody.ReadAsync(stream, MaxObjectBytes, cancellation).ConfigureAwait(false);
                    return SnapshotReader.Read(body.Bytes, kind, withContent);
                },
                cancellation).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Failure.Kind == FailureKind.Gone)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<WriteResult> SendAsync(Write write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        var request = Requests.Write(write);
        if (!Requests.CanName(write.Kind, write.Namespace, write.Name))
            return new WriteResult.Refused(new Failure(FailureKind.Never, request.Title, 0, Failures.InvalidName));
        try
        {
            return await connection.AskAsync<WriteResult>(request, write.Verb == WriteVerb.Delete ? ReadDeletedAsync : ReadWrittenAsync, cancellation).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            return new WriteResult.Refused(e.Failure);
        }
    }

    /// <inheritdoc/>
    public Task<bool> MayAsync(AdmissionUser user, string verb, string group, string resource, string ns, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(user);
        return connection.AskAsync(
            AccessReview.Request(user, verb, group, resource, ns),
            static async (stream, cancellation) =>
            {
                using var body = await PooledBody.ReadAsync(stream, MaxObjectBytes, cancellation).ConfigureAwait(false);
                return AccessReview.ReadAllowed(body.Bytes);
            },
            cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static async ValueTask<WriteResult> ReadWrittenAsync(Stream stream, CancellationToken cancellation)
    {
        using var body = await PooledBody.ReadAsync(stream, MaxObjectBytes, cancellation).ConfigureAwait(false);
        var (uid, version) = AnswerReader.Read(body.Bytes);
        return uid.Length > 0 && version.Length > 0 ? new WriteResult.Done(uid, version) : throw new JsonException("an answer that names no object");
    }

    private static async ValueTask<WriteResult> ReadDeletedAsync(Stream stream, CancellationToken cancellation)
    {
        using var body = await PooledBody.ReadAsync(stream, MaxObjectBytes, cancellation).ConfigureAwait(false);
        return new WriteResult.Done(AnswerReader.Read(body.Bytes).Uid, "");
    }

    private async Task<Listing> ReadListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
    {
        var items = new List<Snapshot>();
        var version = "";
        await foreach (var page in PagesAsync(kind, scope, cancellation).ConfigureAwait(false))
        {
            items.AddRange(keep is null ? page.Objects : page.Objects.Where(keep));
            version = page.ResourceVersion;
        }
        return new Listing(items, version);
    }

    private async IAsyncEnumerable<ListPage> PagesAsync(Kind kind, ListScope scope, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var token = "";
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var request = Requests.List(kind, scope, pageSize, token);
            var page = await connection.AskAsync(request, (stream, cancellation) => ListReader.ReadAsync(stream, kind, scope.Depth == ReadDepth.Content, cancellation), cancellation).ConfigureAwait(false);
            token = page.Continue;
            yield return new ListPage(page.Objects, page.ResourceVersion, token.Length == 0);
            if (token.Length == 0)
                yield break;
        }
        throw new ClusterException(new Failure(FailureKind.NotNow, Requests.List(kind, scope, pageSize, "").Title, 200, Failures.Malformed));
    }
}
