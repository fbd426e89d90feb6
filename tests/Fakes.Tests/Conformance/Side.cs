using System.Globalization;
using System.Text;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Fakes.Tests.Conformance;

/// <summary>One of the two API servers, with all that is known of its objects. The other knows the same by other names.</summary>
internal abstract class Side
{
    private readonly Dictionary<string, string> labels = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Namespace, string Name), List<Json.Map>> seen = [];
    private long newest;

    /// <summary>The port of the engine on this side.</summary>
    public abstract ICluster Cluster { get; }

    public abstract Task<ApiResponse> SendAsync(ApiRequest request);

    /// <summary>Waits until the namespace controller has done all it can.</summary>
    public abstract Task SettleAsync(string ns);

    /// <summary>Reads an object and remembers it.</summary>
    public async Task<ApiResponse> LookAsync(Kind kind, string ns, string name)
    {
        var response = await SendAsync(new ApiRequest(ApiVerb.Get, kind, ns, name));
        if (response.Succeeded)
            Seen(kind, ns, name).Add(response.Body);
        return response;
    }

    /// <summary>The request that a step means here and now.</summary>
    public ApiRequest RequestFor(Step step, string ns)
    {
        var isNamespace = !step.Kind.Namespaced;
        var (place, name) = isNamespace ? ("", ns) : (ns, step.Name);
        var uid = Former(step, place, name, step.Uid, "uid", "99999999-9999-4999-8999-999999999999");
        var version = Former(step, place, name, step.Version, "resourceVersion", "1");
        if (step.Verb == ApiVerb.Delete)
            return new ApiRequest(step.Verb, step.Kind, place, name, Deletion(uid, version), step.Manager);
        var live = Seen(step.Kind, place, name).LastOrDefault();
        var body = step.Edits && live is not null ? Edited(live, step) : step.Fields.With("metadata", step.Metadata);
        var metadata = body.MapOf("metadata").With("uid", uid).With("resourceVersion", version);
        if (step.Verb != ApiVerb.Patch)
        {
            metadata = metadata.With("name", name).With("namespace", place);
            body = body.With("apiVersion", step.Kind.ApiVersion).With("kind", step.Kind.Name);
        }
        return new ApiRequest(step.Verb, step.Kind, place, name, body.With("metadata", metadata), step.Manager) { Force = step.Force };
    }

    /// <summary>An answer without what differs between two API servers: what they made up has names in the order of its first appearance.</summary>
    public string Describe(ApiResponse response, bool isWrite)
    {
        if (!response.Succeeded)
        {
            var details = response.Body.MapOf("details");
            var causes = response.Causes.Select(cause => $"{cause.Reason} {cause.Field}").Distinct().Order(StringComparer.Ordinal);
            return $"{response.StatusCode} {response.Body.TextOf("reason")} [{string.Join("; ", causes)}] of {details.TextOf("name")}";
        }
        var body = response.Body;
        if (body.TextOf("kind") == "Status")
            return $"{response.StatusCode} {body.With("details", Named(body.MapOf("details"), isWrite: false))}";
        return $"{response.StatusCode} {Named(body, isWrite)}";
    }

    /// <summary>The same for what the engine's port answers.</summary>
    public string Describe(WriteResult result) => result switch
    {
        WriteResult.Done done => $"done {Label(done.Uid)} {Label(done.ResourceVersion)}",
        WriteResult.Refused { Failure: var failure } =>
            $"{failure.Kind} {failure.StatusCode} {failure.Reason} [{string.Join("; ", failure.Fields.Order(StringComparer.Ordinal))}] {failure.Request}",
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The same for what the engine reads.</summary>
    public string Describe(Snapshot snapshot) => string.Join(" ",
        snapshot.Ref, Label(snapshot.Uid), Label(snapshot.ResourceVersion), snapshot.Deleting, snapshot.Created.ToString("u", CultureInfo.InvariantCulture),
        Json.Of(snapshot.Labels), Json.Of(snapshot.Annotations), string.Join(",", snapshot.Finalizers),
        $"known={snapshot.Ownership.Known} ours={string.Join(",", snapshot.Ownership.Ours)} others={string.Join(",", snapshot.Ownership.Others)}",
        snapshot.Content is null ? "" : string.Join(" ", snapshot.Content.Fields.Select(field => $"{field.Key}={Json.Parse(field.Value.GetRawText())}")));

    private static Json.Map Edited(Json.Map live, Step step)
    {
        var metadata = live.MapOf("metadata");
        foreach (var (name, value) in step.Metadata.Members)
            metadata = metadata.With(name, value);
        metadata = step.Tracking switch
        {
            Tracking.Absent => metadata.With("managedFields", (Json?)null),
            Tracking.Reset => metadata.With("managedFields", new Json.List([])),
            _ => metadata,
        };
        var body = live.With("metadata", metadata);
        foreach (var (name, value) in step.Fields.Members)
            body = body.With(name, value);
        return body;
    }

    private static Json.Map? Deletion(string uid, string version)
    {
        var preconditions = Json.Empty.With("uid", uid).With("resourceVersion", version);
        return preconditions.IsEmpty ? null : Json.Of(("apiVersion", Json.Of("v1")), ("kind", Json.Of("DeleteOptions")), ("preconditions", preconditions));
    }

    private List<Json.Map> Seen(Kind kind, string ns, string name)
    {
        if (!seen.TryGetValue((kind.Name, ns, name), out var bodies))
            seen[(kind.Name, ns, name)] = bodies = [];
        return bodies;
    }

    private string Former(Step step, string ns, string name, Precondition precondition, string field, string never)
    {
        var values = Seen(step.Kind, ns, name).Select(body => body.MapOf("metadata").TextOf(field)).ToList();
        return precondition switch
        {
            Precondition.None => "",
            Precondition.Current => values.LastOrDefault() ?? never,
            _ => values.LastOrDefault(value => value != values[^1]) ?? never,
        };
    }

    private Json.Map Named(Json.Map body, bool isWrite)
    {
        if (body["uid"] is not null)
            return body.With("uid", Label(body.TextOf("uid")));
        var metadata = body.MapOf("metadata");
        var version = metadata.TextOf("resourceVersion");
        if (isWrite && version.Length > 0 && !labels.ContainsKey(version))
        {
            var number = long.Parse(version, CultureInfo.InvariantCulture);
            Xunit.Assert.True(number > newest, $"version {number} is older than {newest}, which was there before");
            newest = number;
        }
        return body.With("metadata", metadata.With("uid", Label(metadata.TextOf("uid"))).With("resourceVersion", Label(version)));
    }

    private string Label(string value)
    {
        if (value.Length == 0)
            return "";
        if (!labels.TryGetValue(value, out var label))
            labels[value] = label = $"#{labels.Count}";
        return label;
    }
}

/// <summary>The fake.</summary>
internal sealed class FakeSide(FakeApiServer server) : Side
{
    public override ICluster Cluster { get; } = new FakeCluster(server);

    public FakeApiServer Server => server;

    public override Task<ApiResponse> SendAsync(ApiRequest request) => Task.FromResult(server.Handle(request));

    public override Task SettleAsync(string ns)
    {
        server.SettleNamespaces();
        return Task.CompletedTask;
    }
}

/// <summary>The real API server, over nothing but HTTP.</summary>
internal sealed class RealSide(HttpClient http, ICluster cluster, CancellationToken stop) : Side
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public override ICluster Cluster { get; } = cluster;

    public override async Task<ApiResponse> SendAsync(ApiRequest request)
    {
        using var message = new HttpRequestMessage(MethodOf(request.Verb), PathOf(request)) { Version = http.DefaultRequestVersion };
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body.ToUtf8());
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.Verb switch
            {
                ApiVerb.Patch => "application/merge-patch+json",
                ApiVerb.Apply => "application/apply-patch+yaml",
                _ => "application/json",
            });
        }
        using var response = await http.SendAsync(message, stop);
        return new ApiResponse((int)response.StatusCode, (Json.Map)Json.Parse(await response.Content.ReadAsByteArrayAsync(stop)));
    }

    public override async Task SettleAsync(string ns)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!await IsSettledAsync(ns))
        {
            Xunit.Assert.True(DateTime.UtcNow < deadline, $"the namespace controller does not get ahead with {ns}");
            await Task.Delay(50, stop);
        }
    }

    private async Task<bool> IsSettledAsync(string ns)
    {
        var found = await SendAsync(new ApiRequest(ApiVerb.Get, Kinds.Namespace, "", ns));
        if (found.Succeeded && found.Body.MapOf("metadata")["deletionTimestamp"] is null)
            return true;
        if (!found.Succeeded)
        {
            // Admission looks at a cache that may lag behind; a creation shows what it knows.
            var probe = Json.Of(("metadata", Json.Of(("name", Json.Of("probe")))));
            return (await SendAsync(new ApiRequest(ApiVerb.Create, Kinds.ConfigMap, ns, "probe", probe, "probe"))).StatusCode == 404;
        }
        var held = false;
        foreach (var kind in Kinds.All)
        {
            var list = await SendAsync(new ApiRequest(ApiVerb.List, kind, ns, ""));
            foreach (var metadata in list.Body.ItemsOf("items").Select(item => ((Json.Map)item).MapOf("metadata")))
            {
                if (metadata.ItemsOf("finalizers").IsEmpty || metadata["deletionTimestamp"] is null)
                    return false;
                held = true;
            }
        }
        return held;
    }

    private static HttpMethod MethodOf(ApiVerb verb) => verb switch
    {
        ApiVerb.Get or ApiVerb.List => HttpMethod.Get,
        ApiVerb.Create => HttpMethod.Post,
        ApiVerb.Replace => HttpMethod.Put,
        ApiVerb.Delete => HttpMethod.Delete,
        _ => HttpMethod.Patch,
    };

    private static string PathOf(ApiRequest request)
    {
        var path = new StringBuilder(request.Kind.ApiPath);
        if (request.Kind.Namespaced)
            path.Append("/namespaces/").Append(request.Namespace);
        path.Append('/').Append(request.Kind.Plural);
        if (request.Verb is not (ApiVerb.Create or ApiVerb.List))
            path.Append('/').Append(request.Name);
        if (request.Verb is ApiVerb.Create or ApiVerb.Replace or ApiVerb.Patch or ApiVerb.Apply)
            path.Append("?fieldManager=").Append(request.Manager);
        if (request.Verb == ApiVerb.Apply && request.Force)
            path.Append("&force=true");
        return path.ToString();
    }
}
