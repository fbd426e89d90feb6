using System.Text;
using k8s;
using k8s.KubeConfigModels;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Heliograph.Cluster.Access;

/// <summary>
/// One kubeconfig file: the model that <c>KubernetesClient</c> reads of it, and beside it the document itself for the settings that the model does
/// not know (<c>tokenFile</c>, <c>proxy-url</c>).
/// </summary>
internal sealed class KubeconfigFile
{
    private readonly YamlMappingNode document;

    private KubeconfigFile(string path, K8SConfiguration model, YamlMappingNode document)
    {
        Path = path;
        Model = model;
        this.document = document;
    }

    public string Path { get; }

    public K8SConfiguration Model { get; }

    public string Directory => System.IO.Path.GetDirectoryName(Path)!;

    public static KubeconfigFile Load(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var bytes = Files.Read(path, "The kubeconfig");
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(Encoding.UTF8.GetString(bytes)));
            if (yaml.Documents is not [{ RootNode: YamlMappingNode document }, ..])
                throw new ClusterConfigurationException($"The kubeconfig {path} is empty, or not a mapping.");
            return new KubeconfigFile(path, KubernetesClientConfiguration.LoadKubeConfig(new MemoryStream(bytes)), document);
        }
        catch (YamlException e)
        {
            // The message of such an exception may quote the text, which holds credentials.
            throw new ClusterConfigurationException($"The kubeconfig {path} cannot be read as such: see line {e.Start.Line}.");
        }
    }

    /// <summary>A setting that the model does not know, such as <c>tokenFile</c> of one of the <c>users</c>; null where it is not set.</summary>
    public string? Setting(string list, string entryName, string part, string setting)
    {
        if (Child(document, list) is not YamlSequenceNode entries)
            return null;
        foreach (var entry in entries.OfType<YamlMappingNode>())
        {
            if (Child(entry, "name") is YamlScalarNode name && name.Value == entryName)
                return Child(entry, part) is YamlMappingNode body && Child(body, setting) is YamlScalarNode { Value.Length: > 0 } value ? value.Value : null;
        }
        return null;
    }

    /// <summary>A path as this file means it.</summary>
    public string Resolve(string path) => System.IO.Path.GetFullPath(path, Directory);

    /// <summary>A path as this file means it, of a file that is there.</summary>
    public string Existing(string path, string what)
    {
        var resolved = Resolve(path);
        return File.Exists(resolved) ? resolved : throw new ClusterConfigurationException($"{what} is not there: {resolved} does not exist.");
    }

    public static byte[] Decode(string base64, string what)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw new ClusterConfigurationException($"{what} is not base64.");
        }
    }

    /// <summary>A text that stands in the file itself as base64, or else in another file; null where neither is set.</summary>
    public string? DataOrFile(string? data, string? path, string what)
    {
        if (!string.IsNullOrEmpty(data))
            return Encoding.ASCII.GetString(Decode(data, $"The {what}, as data in {Path},"));
        return string.IsNullOrEmpty(path) ? null : Encoding.ASCII.GetString(Files.Read(Resolve(path), $"The {what} in {Path}"));
    }

    /// <summary>An HTTP address.</summary>
    public Uri Address(string? text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
            ? uri
            : throw new ClusterConfigurationException($"The kubeconfig {Path} is broken: {what} is no address that begins with https://.");

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
}

/// <summary>Finds programs as a shell does.</summary>
internal static class Programs
{
    /// <summary>The program's path; null where there is none.</summary>
    /// <param name="command">A name for the <c>PATH</c>, or a path.</param>
    /// <param name="directory">What a path is relative to.</param>
    /// <param name="searchPath">The value of <c>PATH</c>.</param>
    public static string? Find(string command, string directory, string? searchPath)
    {
        if (command.AsSpan().ContainsAny('/', Path.DirectorySeparatorChar))
            return Existing(Path.GetFullPath(command, directory));
        foreach (var part in (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (Existing(Path.Combine(part, command)) is { } path)
                return path;
        }
        return null;
    }

    private static string? Existing(string path)
    {
        if (File.Exists(path))
            return path;
        return OperatingSystem.IsWindows() && File.Exists(path + ".exe") ? path + ".exe" : null;
    }
}
