using System.Xml.Linq;

namespace Heliograph.Architecture.Tests;

/// <summary>The working tree that these tests were built from.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every project file, by its path from the root.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Files("*.csproj")];

    /// <summary>The projects of the product: what ships.</summary>
    public static IReadOnlyList<string> Product { get; } = [.. Projects.Where(IsProduct)];

    /// <summary>The files of a pattern, by their paths from the root; nothing that a build made.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "artifacts" or "bin" or "obj" or ".git"))
            .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static XElement Project(string path) => XElement.Load(Path.Combine(Root, path));

    public static bool IsProduct(string path) =>
        path.StartsWith("functions/", StringComparison.Ordinal) || path.StartsWith("event-exporter/", StringComparison.Ordinal)
        || path.StartsWith("tools/kubectl-hns/", StringComparison.Ordinal);

    /// <summary>A project's short name: <c>Heliograph.Rules</c> is Rules.</summary>
    public static string Name(string path) => Path.GetFileNameWithoutExtension(path)["Heliograph.".Length..];

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Functions.sln")))
                return directory.FullName;
        }
        throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is not inside a working tree");
    }
}
