using System.Collections.Concurrent;
using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Heliograph.Deploy.Tests;

/// <summary>The user's own tool: what it renders and applies is what a user gets.</summary>
internal static class Kubectl
{
    private static readonly ConcurrentDictionary<string, string> Rendered = new();

    /// <summary>What a kustomization comes to, as YAML.</summary>
    public static string Render(string kustomization) =>
        Rendered.GetOrAdd(kustomization, path => Run(null, null, "kustomize", Path.Combine(Architecture.Tests.Tree.Root, path)));

    /// <summary>The documents of a rendered kustomization.</summary>
    public static IReadOnlyList<YamlMappingNode> Documents(string kustomization)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Render(kustomization)));
        return [.. yaml.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(string? kubeconfig, string? input, params string[] arguments)
    {
        var (code, output, errors) = Try(kubeconfig, input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {errors}");
        return output;
    }

    /// <summary>Runs it to its end, whatever that is.</summary>
    public static (int Code, string Output, string Errors) Try(string? kubeconfig, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("KUBECONFIG");
        if (kubeconfig is not null)
            start.Environment["KUBECONFIG"] = kubeconfig;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Write(input ?? "");
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result, errors.Result);
    }
}

/// <summary>Ways through YAML.</summary>
internal static class Yaml
{
    public static YamlNode? At(this YamlNode? node, params string[] path)
    {
        foreach (var key in path)
            node = node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
        return node;
    }

    public static string Text(this YamlNode? node, params string[] path) => node.At(path)?.ToString() ?? "";

    public static IEnumerable<YamlNode> List(this YamlNode? node, params string[] path) => node.At(path) is YamlSequenceNode sequence ? sequence.Children : [];

    public static string Name(this YamlMappingNode document) => $"{document.Text("kind")}/{document.Text("metadata", "name")}";
}
