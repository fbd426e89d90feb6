using System.Collections.Immutable;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>What is said of a request.</summary>
public abstract record AdmissionAnswer
{
    private AdmissionAnswer()
    {
    }

    /// <summary>Nothing is against it.</summary>
    public static AdmissionAnswer Allow { get; } = new Allowed();

    /// <summary>Nothing is against it.</summary>
    public sealed record Allowed : AdmissionAnswer;

    /// <summary>It must not be carried out. Code, reason and message are as the API server itself makes them, and as HNC's users know them.</summary>
    /// <param name="Code">The HTTP status that the user gets.</param>
    /// <param name="Reason">The machine-readable reason, for example <c>Forbidden</c>.</param>
    /// <param name="Message">What is wrong, in a sentence. It names objects and holds nothing of what is in them.</param>
    public sealed record Refused(int Code, string Reason, string Message) : AdmissionAnswer;

    /// <summary>Nothing is against it, provided that the user may change the hierarchy of each of these namespaces.</summary>
    /// <param name="Authorities">The namespaces; never empty.</param>
    public sealed record Provided(ImmutableArray<Authority> Authorities) : AdmissionAnswer;

    internal static AdmissionAnswer Forbidden(AdmissionRequest request, string name, string because) =>
        new Refused(403, "Forbidden", $"{request.QualifiedResource} \"{name}\" is forbidden: {because}");

    internal static AdmissionAnswer Conflict(AdmissionRequest request, string name, string because) =>
        new Refused(409, "Conflict", $"Operation cannot be fulfilled on {request.QualifiedResource} \"{name}\": {because}");

    internal static AdmissionAnswer Invalid(AdmissionRequest request, string name, IReadOnlyList<string> problems) =>
        new Refused(422, "Invalid", $"{request.QualifiedKind} \"{name}\" is invalid: {(problems is [var only] ? only : $"[{string.Join(", ", problems)}]")}");

    internal static AdmissionAnswer BadRequest(string because) => new Refused(400, "BadRequest", because);

    /// <summary>It cannot be said at present; the user is to try again.</summary>
    public static AdmissionAnswer Unavailable(string because) => new Refused(503, "ServiceUnavailable", because);

    /// <summary>The review is of no use: an object is missing that the API server always sends.</summary>
    internal static AdmissionAnswer WithoutObject(AdmissionRequest request) => BadRequest($"the review of {request} holds no object");
}

/// <summary>A namespace whose hierarchy a user must be allowed to change, because he moves something in or out.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Reason">What it is in the move, for example <c>proposed parent</c>.</param>
public sealed record Authority(string Namespace, string Reason)
{
    /// <summary>The answer where the user may not.</summary>
    public AdmissionAnswer RefusalOf(AdmissionUser user) => new AdmissionAnswer.Refused(
        401, "Unauthorized", $"user {user.Name} is not authorized to modify the subtree of {Namespace}, which is the {Reason}");
}
