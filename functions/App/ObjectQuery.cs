using Heliograph.Model;

namespace Heliograph.Functions;

/// <summary>The query parameters by which callers name what they mean: <c>kind</c>, <c>namespace</c>, <c>name</c>.</summary>
internal readonly record struct ObjectQuery(Kind? Kind, string? Namespace, string? Name)
{
    /// <summary>Reads the parameters.</summary>
    /// <returns>What is wrong with them, in a sentence; null where nothing is.</returns>
    public static string? Read(HttpRequest request, FunctionsSettings settings, ReadOnlySpan<string> others, out ObjectQuery query)
    {
        query = default;
        foreach (var (key, values) in request.Query)
        {
            if (key is not ("kind" or "namespace" or "name" or KeyFilter.QueryParameter) && !others.Contains(key))
                return $"there is no parameter \"{key}\"; there are kind, namespace, name, {string.Join(", ", others!)}";
            if (values.Count != 1 || string.IsNullOrWhiteSpace(values[0]))
                return $"the parameter {key} needs one value";
        }
        if (request.Query["kind"].FirstOrDefault() is { } name)
        {
            var kind = settings.Engine.Kinds.FirstOrDefault(served => Names(served, name));
            if (kind is null)
                return $"kind {name} is not served; served are {string.Join(", ", settings.Engine.Kinds)} (setting Replication__Kinds)";
            query = query with { Kind = kind };
        }
        query = query with { Namespace = request.Query["namespace"].FirstOrDefault(), Name = request.Query["name"].FirstOrDefault() };
        return query is { Kind: null, Name: null } or { Kind: not null, Namespace: not null, Name: not null }
            ? null
            : "one object is named by kind, namespace and name together";
    }

    /// <summary>The same as a query string, for an address that means the same; empty for everything.</summary>
    public string QueryString => QueryOf(("kind", Kind?.Name), ("namespace", Namespace), ("name", Name)) is { Length: > 0 } query ? "?" + query : "";

    /// <summary>A query of those parameters that have a value, without its question mark.</summary>
    public static string QueryOf(params IEnumerable<(string Name, string? Value)> parameters) =>
        string.Join('&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));

    /// <summary>For people.</summary>
    public override string ToString() => (Kind, Namespace) switch
    {
        ({ } kind, _) => $"{kind.Name}/{Namespace}/{Name}",
        (null, { } ns) => $"namespace {ns}",
        _ => "everything",
    };

    private static bool Names(Kind kind, string name) =>
        kind.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || kind.Plural.Equals(name, StringComparison.OrdinalIgnoreCase);
}
