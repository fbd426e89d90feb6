using System.Globalization;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Cluster;

/// <summary>The requests we make, each as a value.</summary>
internal static class Requests
{
    /// <summary>Whether a place can be named in a request at all; what cannot names no object.</summary>
    public static bool CanName(Kind kind, string ns, string name) => ApiPath.IsSegment(name) && (!kind.Namespaced || ApiPath.IsSegment(ns));

    public static ApiRequest Get(Kind kind, string ns, string name, bool withContent) => new()
    {
        Method = HttpMethod.Get,
        Verb = "get",
        Kind = kind.Name,
        Path = ApiPath.Object(kind, ns, name),
        Title = "get " + ApiPath.Title(kind, ns, name),
        Accept = withContent ? ApiRequest.Json : ApiRequest.ObjectMetadata,
    };

    /// <summary>
    /// One page of a list, read consistently, that is without a resourceVersion, unless the scope asks for less. A list by name is asked for as a whole,
    /// because its answer is small, and a limit would make the API server read all objects in many small steps to find the few; with a limit it would
    /// not answer from its cache either. Namespaces are small, and pages of them would be one request after the other.
    /// </summary>
    public static ApiRequest List(Kind kind, ListScope scope, int pageSize, string token) => new()
    {
        Method = HttpMethod.Get,
        Verb = "list",
        Kind = kind.Name,
        Path = string.Create(CultureInfo.InvariantCulture, $"{ApiPath.Collection(kind, Listable(scope.Namespace))}?limit={(scope is { Name: null, NotOlderThan: null } && kind.Namespaced ? pageSize : 0)}")
            + (scope.NotOlderThan is { } version ? $"&resourceVersion={Uri.EscapeDataString(version)}&resourceVersionMatch=NotOlderThan" : "")
            + ApiPath.FieldSelector(kind, scope.Name) + (token.Length == 0 ? "" : "&continue=" + Uri.EscapeDataString(token)),
        Title = scope.Namespace is null ? $"list {kind.Plural}" : $"list {kind.Plural} in {scope.Namespace}",
        Accept = scope.Depth == ReadDepth.Content ? ApiRequest.Json : ApiRequest.ListMetadata,
    };

    /// <summary>A namespace that cannot exist holds as little as one that does not, and the API server says so of both.</summary>
    private static string? Listable(string? ns) => ns is null || ApiPath.IsSegment(ns) ? ns : "-";

    public static ApiRequest Watch(Kind kind, string resourceVersion, TimeSpan timeout) => new()
    {
        Method = HttpMethod.Get,
        Verb = "watch",
        Kind = kind.Name,
        Path = string.Create(
                CultureInfo.InvariantCulture,
                $"{ApiPath.Collection(kind, null)}?watch=true&allowWatchBookmarks=true&timeoutSeconds={Math.Max(1, (long)timeout.TotalSeconds)}")
            + $"&resourceVersion={Uri.EscapeDataString(resourceVersion)}" + ApiPath.FieldSelector(kind, null),
        Title = $"watch {kind.Plural}",
        Accept = ApiRequest.ObjectMetadata,
    };

    /// <summary>A write. Its answer is asked for as metadata, so that no secret comes back.</summary>
    public static ApiRequest Write(Write write)
    {
        var manager = "?fieldManager=" + write.Manager;
        var (method, verb, query, contentType) = write.Verb switch
        {
            WriteVerb.Create => (HttpMethod.Post, "create", manager, ApiRequest.Json),
            WriteVerb.Replace => (HttpMethod.Put, "update", manager, ApiRequest.Json),
            WriteVerb.Patch => (HttpMethod.Patch, "patch", manager, "application/merge-patch+json"),
            WriteVerb.Apply => (HttpMethod.Patch, "patch", manager + "&force=true", "application/apply-patch+yaml"),
            WriteVerb.Delete => (HttpMethod.Delete, "delete", "", ApiRequest.Json),
            _ => throw new ArgumentOutOfRangeException(nameof(write)),
        };
        var path = write.Verb == WriteVerb.Create
            ? ApiPath.Collection(write.Kind, write.Namespace)
            : ApiPath.Object(write.Kind, write.Namespace, write.Name);
        return new ApiRequest
        {
            Method = method,
            Verb = verb,
            Kind = write.Kind.Name,
            Path = path + query,
            Title = $"{(write.Verb == WriteVerb.Apply ? "apply" : verb)} {ApiPath.Title(write.Kind, write.Namespace, write.Name)}",
            Accept = ApiRequest.ObjectMetadata,
            Body = write.Body,
            ContentType = contentType,
        };
    }
}
