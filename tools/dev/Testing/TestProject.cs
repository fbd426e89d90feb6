using System.Text.RegularExpressions;

namespace Heliograph.Dev.Testing;

/// <summary>A project of the solution that is a program of tests.</summary>
/// <param name="Name">The project's name.</param>
/// <param name="Program">The program it builds.</param>
/// <param name="NeedsControlPlane">Whether it starts control planes.</param>
/// <param name="NeedsAzurite">Whether it starts Azurite.</param>
/// <param name="NeedsPrograms">Whether it starts exporter and functions as this command does.</param>
internal sealed partial record TestProject(string Name, string Program, bool NeedsControlPlane, bool NeedsAzurite, bool NeedsPrograms)
{
    /// <summary>Every one of the solution, in its order.</summary>
    public static IReadOnlyList<TestProject> All() =>
    [
        .. ProjectPath().Matches(File.ReadAllText(Repository.At("Functions.sln"))).Select(match => match.Groups[1].Value.Replace('\\', '/'))
            .Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(Read).OfType<TestProject>(),
    ];

    private static TestProject? Read(string path)
    {
        var project = File.ReadAllText(Repository.At(path));
        if (!project.Contains("\"xunit.v3\"", StringComparison.Ordinal))
            return null;
        var name = Path.GetFileNameWithoutExtension(path);
        var needsPrograms = project.Contains("Heliograph.Dev", StringComparison.Ordinal);
        var assembly = AssemblyName().Match(project) is { Success: true } match ? match.Groups[1].Value : name;
        return new TestProject(
            name, Repository.At("artifacts", "bin", name, "release", assembly),
            project.Contains("Heliograph.ControlPlane", StringComparison.Ordinal) || needsPrograms,
            project.Contains("Heliograph.Azurite", StringComparison.Ordinal), needsPrograms);
    }

    [GeneratedRegex("\"([^\"]+\\.csproj)\"")]
    private static partial Regex ProjectPath();

    [GeneratedRegex("<AssemblyName>([^<]+)</AssemblyName>")]
    private static partial Regex AssemblyName();
}
