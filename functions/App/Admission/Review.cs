using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions.Admission;

/// <summary>An <c>AdmissionReview</c> (<c>admission.k8s.io/v1</c>) as the API server sends it.</summary>
/// <param name="Uid">What the answer must bear, too.</param>
/// <param name="Request">What is reviewed. It lives as long as the document that it was read from.</param>
internal sealed record Review(string Uid, AdmissionRequest Request)
{
    public const string ApiVersion = "admission.k8s.io/v1";
    public const string Kind = "AdmissionReview";

    /// <summary>A custom resource may nest deeper than readers of JSON like by themselves.</summary>
    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = 512 };

    /// <summary>Reads a review.</summary>
    /// <param name="root">The document.</param>
    /// <param name="problem">What is wrong with it, in a sentence that quotes nothing; null where nothing is.</param>
    public static Review? Read(JsonElement root, out string? problem)
    {
        problem = Text(root, "kind") != Kind || Text(root, "apiVersion") != ApiVersion ? $"this is no {Kind} of {ApiVersion}"
            : Member(root, "request").ValueKind != JsonValueKind.Object ? $"the {Kind} has no request"
            : Text(Member(root, "request"), "uid") is not { Length: > 0 } ? $"the request of the {Kind} has no uid"
            : Text(Member(Member(root, "request"), "resource"), "resource") is not { Length: > 0 } ? $"the request of the {Kind} names no resource"
            : null;
        if (problem is not null)
            return null;
        var request = Member(root, "request");
        var (now, before, resource) = (Object(request, "object"), Object(request, "oldObject"), Member(request, "resource"));
        return new Review(Text(request, "uid"), new AdmissionRequest
        {
            Operation = OperationOf(Text(request, "operation")),
            Group = Text(resource, "group"),
            Resource = Text(resource, "resource"),
            SubResource = Text(request, "subResource"),
            Kind = Text(Member(request, "kind"), "kind"),
            Namespace = Text(request, "namespace"),
            Name = Text(request, "name") is { Length: > 0 } name ? name : (now ?? before)?.Name ?? "",
            User = UserIn(Member(request, "userInfo")),
            Object = now,
            Old = before,
        });
    }

    private static AdmissionOperation OperationOf(string text) => text switch
    {
        "CREATE" => AdmissionOperation.Create,
        "UPDATE" => AdmissionOperation.Update,
        "DELETE" => AdmissionOperation.Delete,
        _ => AdmissionOperation.Other,
    };

    private static AdmissionUser UserIn(JsonElement user) => new(
        Text(user, "username"), Text(user, "uid"), Texts(Member(user, "groups")),
        Member(user, "extra") is { ValueKind: JsonValueKind.Object } extra
            ? extra.EnumerateObject().DistinctBy(item => item.Name).ToImmutableSortedDictionary(item => item.Name, item => Texts(item.Value), StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty);

    private static ReviewedObject? Object(JsonElement request, string name) => Member(request, name) is { ValueKind: JsonValueKind.Object } read ? new ReviewedObject(read) : null;

    private static ImmutableArray<string> Texts(JsonElement list) => list.ValueKind != JsonValueKind.Array ? []
        : [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];

    private static string Text(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private static JsonElement Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;
}
