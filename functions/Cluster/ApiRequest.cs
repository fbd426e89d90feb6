using Heliograph.Model;

namespace Heliograph.Cluster;

/// <summary>One request to the API server. The body may hold secrets; nothing of it is ever turned into text.</summary>
internal sealed class ApiRequest
{
    /// <summary>HTTP's verb.</summary>
    public required HttpMethod Method { get; init; }

    /// <summary>Kubernetes' verb: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The kind's name, or what else is asked for.</summary>
    public required string Kind { get; init; }

    /// <summary>Path and query, below the server's address.</summary>
    public required string Path { get; init; }

    /// <summary>What is asked for, for failures: <c>create Secret team-a/registry</c>.</summary>
    public required string Title { get; init; }

    public string Accept { get; init; } = Json;

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body's media type; null where there is no body.</summary>
    public string? ContentType { get; init; }

    public const string Json = "application/json";
    public const string ObjectMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    public const string ListMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
}

/// <summary>The API server's paths.</summary>
internal static class ApiPath
{
    /// <summary>
    /// Whether a name can be one segment of a path. What cannot be would silently change the request's meaning: <c>..</c> as the name of an
    /// object to delete makes a request to delete all of them. The rule is the API server's own (<c>IsValidPathSegmentName</c>).
    /// </summary>
    public static bool IsSegment(string name) => name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '%');

    /// <summary>The collection of a kind in a namespace, or in the whole cluster.</summary>
    public static string Collection(Kind kind, string? ns) => string.IsNullOrEmpty(ns) || !kind.Namespaced
        ? $"{kind.ApiPath}/{kind.Plural}"
        : $"{kind.ApiPath}/namespaces/{Uri.EscapeDataString(ns)}/{kind.Plural}";

    /// <summary>One object.</summary>
    public static string Object(Kind kind, string ns, string name) => $"{Collection(kind, ns)}/{Uri.EscapeDataString(name)}";

    /// <summary>A field selector as a query parameter with its ampersand; empty where nothing is selected.</summary>
    public static string FieldSelector(Kind kind, string? name)
    {
        var selector = (kind.FieldSelector, name) switch
        {
            (null, null) => "",
            (null, _) => $"metadata.name={Escaped(name)}",
            (_, null) => kind.FieldSelector,
            _ => $"{kind.FieldSelector},metadata.name={Escaped(name)}",
        };
        return selector.Length == 0 ? "" : $"&fieldSelector={Uri.EscapeDataString(selector)}";
    }

    /// <summary>A value within a field selector, where a comma begins the next requirement.</summary>
    private static string Escaped(string value) =>
        value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(",", @"\,", StringComparison.Ordinal).Replace("=", @"\=", StringComparison.Ordinal);

    /// <summary>An object for a person: <c>Secret team-a/registry</c>.</summary>
    public static string Title(Kind kind, string? ns, string name) =>
        string.IsNullOrEmpty(ns) || !kind.Namespaced ? $"{kind.Name} {name}" : $"{kind.Name} {ns}/{name}";
}
