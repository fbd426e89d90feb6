using System.Text.Json.Nodes;
using Heliograph.Model;

namespace Heliograph.Functions.Tests.Admission;

/// <summary>A review as an API server writes it.</summary>
internal sealed record ReviewOf(string Operation, Kind Kind, string Namespace, string Name)
{
    public const string Uid = "705ab4f5-6393-11e8-b7cc-42010a800002";

    public JsonNode? Object { get; init; }

    public JsonNode? Old { get; init; }

    public string SubResource { get; init; } = "";

    public string User { get; init; } = "jane";

    public string[] Groups { get; init; } = ["system:authenticated"];

    /// <summary>An object with labels, annotations and fields.</summary>
    public static JsonObject Of(string name, string labels = "{}", string annotations = "{}", string fields = "{}")
    {
        var read = JsonNode.Parse(fields)!.AsObject();
        read["metadata"] = new JsonObject { ["name"] = name, ["labels"] = JsonNode.Parse(labels), ["annotations"] = JsonNode.Parse(annotations) };
        return read;
    }

    public override string ToString() => new JsonObject
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["request"] = new JsonObject
        {
            ["uid"] = Uid,
            ["kind"] = new JsonObject { ["group"] = Kind.Group, ["version"] = Kind.Version, ["kind"] = Kind.Name },
            ["resource"] = new JsonObject { ["group"] = Kind.Group, ["version"] = Kind.Version, ["resource"] = Kind.Plural },
            ["subResource"] = SubResource,
            ["name"] = Name,
            ["namespace"] = Namespace,
            ["operation"] = Operation,
            ["userInfo"] = new JsonObject
            {
                ["username"] = User,
                ["groups"] = new JsonArray([.. Groups.Select(group => JsonValue.Create(group))]),
                ["extra"] = new JsonObject { ["scopes"] = new JsonArray("a", "b") },
            },
            ["object"] = Object?.DeepClone(),
            ["oldObject"] = Old?.DeepClone(),
            ["dryRun"] = false,
        },
    }.ToJsonString();
}
