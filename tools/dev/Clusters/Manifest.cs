using System.Globalization;
using System.Text.Json.Nodes;
using Heliograph.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Heliograph.Dev.Clusters;

/// <summary>One object as a manifest describes it.</summary>
internal sealed class Manifest
{
    private Manifest(JsonObject json)
    {
        Json = json;
        Kind = Rows.Of((string?)json["apiVersion"] ?? "", (string?)json["kind"] ?? "");
    }

    public JsonObject Json { get; }

    public Kind Kind { get; }

    public JsonObject Metadata => Json["metadata"]!.AsObject();

    public string Name => (string)Metadata["name"]!;

    public string Namespace => (string?)Metadata["namespace"] ?? "";

    public ResourceRef Ref => new(Kind.Name, Namespace, Name);

    /// <summary>Reads every document of a YAML file.</summary>
    public static IReadOnlyList<Manifest> Read(string path)
    {
        try
        {
            using var reader = File.OpenText(path);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return [.. yaml.Documents.Select(document => new Manifest(ToJson(document.RootNode)!.AsObject()))];
        }
        catch (YamlException e)
        {
            throw new DevException($"{path}, line {e.Start.Line}: {e.Message}");
        }
    }

    /// <summary>
    /// Reads what a kustomization lists as resources and components, in its order. Ours transform nothing, so that is all of it.
    /// </summary>
    public static IReadOnlyList<Manifest> ReadKustomization(string directory)
    {
        using var reader = File.OpenText(Path.Combine(directory, "kustomization.yaml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        var kustomization = ToJson(yaml.Documents[0].RootNode)!;
        return
        [
            .. Entries(kustomization, "resources").SelectMany(file => Read(Path.Combine(directory, file))),
            .. Entries(kustomization, "components").SelectMany(component => ReadKustomization(Path.Combine(directory, component))),
        ];
    }

    private static IEnumerable<string> Entries(JsonNode kustomization, string list) =>
        kustomization[list]?.AsArray().Select(entry => (string)entry!) ?? [];

    public static Manifest Of(JsonObject json) => new(json);

    /// <summary>Adds an annotation.</summary>
    public Manifest Annotated(string key, string value)
    {
        var copy = new Manifest(Json.DeepClone().AsObject());
        if (copy.Metadata["annotations"] is not JsonObject annotations)
            copy.Metadata["annotations"] = annotations = [];
        annotations[key] = value;
        return copy;
    }

    public override string ToString() => Ref.ToString();

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(
            mapping.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: var text } => Plain(text),
        YamlScalarNode scalar => scalar.Value,
        _ => throw new DevException($"YAML that this command does not read: {node.NodeType}"),
    };

    private static JsonNode? Plain(string? text) => text switch
    {
        null or "" or "~" or "null" => null,
        "true" => true,
        "false" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => text,
    };
}
