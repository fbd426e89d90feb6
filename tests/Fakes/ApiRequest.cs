using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>What can be asked of the API server.</summary>
public enum ApiVerb
{
    /// <summary>GET of one object.</summary>
    Get,

    /// <summary>GET of many.</summary>
    List,

    /// <summary>POST.</summary>
    Create,

    /// <summary>PUT.</summary>
    Replace,

    /// <summary>PATCH with a JSON merge patch.</summary>
    Patch,

    /// <summary>PATCH by server-side apply.</summary>
    Apply,

    /// <summary>DELETE of one object.</summary>
    Delete,
}

/// <summary>One request as it reaches the API server.</summary>
/// <param name="Verb">What is asked.</param>
/// <param name="Kind">The kind of the object or objects.</param>
/// <param name="Namespace">The namespace; empty for cluster-scoped kinds and for lists of the whole cluster.</param>
/// <param name="Name">The name; empty for a list of all names.</param>
/// <param name="Body">The body as JSON; null where there is none.</param>
/// <param name="Manager">The field manager of a write.</param>
public sealed record ApiRequest(ApiVerb Verb, Kind Kind, string Namespace, string Name, Json? Body = null, string Manager = "")
{
    /// <summary>Whether an apply takes over what others own.</summary>
    public bool Force { get; init; } = true;

    /// <summary>Names verb and object, never the body.</summary>
    public override string ToString() => $"{Verb} {Kind.Name} {Namespace}/{Name}";
}

/// <summary>What the API server answers.</summary>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="Body">The object, the list, or a <c>Status</c>.</param>
public sealed record ApiResponse(int StatusCode, Json.Map Body)
{
    /// <summary>Whether the request was carried out.</summary>
    public bool Succeeded => StatusCode is >= 200 and < 300;

    /// <summary>The status' machine-readable reason; empty for a success.</summary>
    public string Reason => Succeeded ? "" : Body.TextOf("reason");

    /// <summary>The reasons and fields that a refusal gives, as they stand in the status.</summary>
    public ImmutableArray<(string Reason, string Field)> Causes =>
        [.. Body.MapOf("details").ItemsOf("causes").OfType<Json.Map>().Select(cause => (cause.TextOf("reason"), cause.TextOf("field")))];

    /// <summary>Names the status, never the object.</summary>
    public override string ToString() => Succeeded ? $"{StatusCode}" : $"{StatusCode} {Reason}";
}

/// <summary>A refusal, on its way to becoming an answer.</summary>
internal sealed class RefusedException(int statusCode, string reason, string message) : Exception(message)
{
    /// <summary>What is complained of.</summary>
    public ImmutableArray<Cause> Causes { get; init; } = [];

    /// <summary>The name and the kind or resource that the status' details give.</summary>
    public (string Name, string Kind) Subject { get; init; } = ("", "");

    public ApiResponse ToResponse() => new(statusCode, Json.Of(
        ("kind", Json.Of("Status")), ("apiVersion", Json.Of("v1")), ("metadata", Json.Empty), ("status", Json.Of("Failure")),
        ("message", Json.Of(Message)), ("reason", reason.Length == 0 ? null : Json.Of(reason)), ("details", Details()),
        ("code", new Json.Literal($"{statusCode}"))));

    private Json.Map? Details()
    {
        var details = Json.Empty.With("name", Subject.Name).With("kind", Subject.Kind);
        if (!Causes.IsEmpty)
            details = details.With("causes", new Json.List([.. Causes.Select(cause => cause.ToJson())]));
        return details.IsEmpty ? null : details;
    }

    public static RefusedException NotFound(Kind kind, string name) =>
        new(404, "NotFound", $"{kind.Plural} \"{name}\" not found") { Subject = (name, kind.Plural) };

    public static RefusedException Conflict(Kind kind, string name, string message) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.Plural} \"{name}\": {message}") { Subject = (name, kind.Plural) };

    public static RefusedException BadRequest(string message) => new(400, "BadRequest", message);

    public static RefusedException Invalid(string kind, string name, IEnumerable<Cause> causes) =>
        new(422, "Invalid", $"{kind} \"{name}\" is invalid") { Subject = (name, kind), Causes = [.. causes] };

    /// <summary>An error of the API server's that is no proper status of its own.</summary>
    public static RefusedException Internal(string message) => new(500, "", message);
}

/// <summary>One complaint of a refusal.</summary>
internal readonly record struct Cause(string Reason, string Field, string Message)
{
    public static Cause Invalid(string field, string message) => new("FieldValueInvalid", field, message);

    public static Cause Required(string field) => new("FieldValueRequired", field, "Required value");

    public static Cause Forbidden(string field, string message) => new("FieldValueForbidden", field, message);

    public static Cause NotSupported(string field) => new("FieldValueNotSupported", field, "Unsupported value");

    public static Cause TooLong(string field) => new("FieldValueTooLong", field, "Too long");

    public Json ToJson() => Json.Of(("reason", Json.Of(Reason)), ("message", Json.Of(Message)), ("field", Json.Of(Field)));
}
