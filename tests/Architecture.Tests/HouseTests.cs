using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Heliograph.Architecture.Tests;

/// <summary>
/// The house is in order: one solution, versions in one place, nothing left to do in what ships, links that lead somewhere.
/// </summary>
public sealed partial class HouseTests
{
    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var listed = ProjectPath().Matches(Tree.Read("Functions.sln")).Select(match => match.Groups[1].Value.Replace('\\', '/'));
        Assert.Equal(Tree.Projects, listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_solution_opens_with_what_one_reads_first()
    {
        var lines = Tree.Read("Functions.sln").Split('\n').Where(line => line.StartsWith("Project(", StringComparison.Ordinal));
        var names = lines.Select(line => line.Split('"')[3]).ToArray();
        string[] order =
        [
            "functions", "Heliograph.Model", "Heliograph.Rules", "Heliograph.Engine", "Heliograph.Cluster", "Heliograph.Hosting", "Heliograph.Queues", "Heliograph.Functions",
            "Heliograph.Standalone", "Heliograph.Handler",
            "event-exporter", "Heliograph.Watching", "Heliograph.Exporter", "tests", "tools",
        ];
        Assert.Equal(order, names.Where(order.Contains));
    }

    [Fact]
    public void Every_version_is_chosen_in_one_place_and_exact()
    {
        foreach (var project in Tree.Projects)
            Assert.DoesNotContain(Tree.Project(project).Descendants("PackageReference"), reference => reference.Attribute("Version") is not null);
        var versions = XElement.Load(Path.Combine(Tree.Root, "Directory.Packages.props")).Descendants("PackageVersion").ToArray();
        Assert.NotEmpty(versions);
        Assert.All(versions, version => Assert.Matches(ExactVersion(), (string)version.Attribute("Version")!));
    }

    [Fact]
    public void Nothing_that_ships_is_left_to_do()
    {
        var files = Tree.Files("*.cs").Where(Tree.IsProduct).ToArray();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.DoesNotMatch(LeftToDo(), Tree.Read(file)));
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken =
            from document in Tree.Files("*.md")
            from Match link in Link().Matches(Tree.Read(document))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
            let path = Path.Combine(Tree.Root, Path.GetDirectoryName(document)!, target)
            where !Path.Exists(path)
            select $"{document}: {target}";
        Assert.Empty(broken);
    }

    [GeneratedRegex("\"([^\"]+\\.csproj)\"")]
    private static partial Regex ProjectPath();

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.-]+)?$")]
    private static partial Regex ExactVersion();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX|NotImplementedException)\b")]
    private static partial Regex LeftToDo();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
