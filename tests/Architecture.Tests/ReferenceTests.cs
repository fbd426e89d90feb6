namespace Heliograph.Architecture.Tests;

/// <summary>References point one way, and packages come in where they are wanted.</summary>
public sealed class ReferenceTests
{
    /// <summary>What each project of the product may use of the others.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Model"] = [],
        ["Rules"] = ["Model"],
        ["Engine"] = ["Model", "Rules"],
        ["Cluster"] = ["Model", "Rules", "Engine"],
        ["Hosting"] = ["Model"],
        ["Queues"] = ["Model", "Hosting"],
        ["Functions"] = ["Model", "Rules", "Engine", "Cluster", "Hosting"],
        ["Standalone"] = ["Model", "Rules", "Engine", "Cluster", "Hosting", "Queues", "Functions"],
        ["Handler"] = ["Model", "Rules", "Engine", "Cluster", "Hosting", "Functions"],
        ["Watching"] = ["Model", "Rules"],
        ["Exporter"] = ["Model", "Rules", "Engine", "Cluster", "Hosting", "Queues", "Watching"],
        ["Hns"] = ["Model", "Rules", "Engine", "Cluster"],
    };

    /// <summary>What each project of the product may use of packages.</summary>
    private static readonly Dictionary<string, string[]> AllowedPackages = new()
    {
        ["Cluster"] = ["KubernetesClient.Aot", "YamlDotNet"],
        ["Functions"] = ["CloudNative.CloudEvents", "CloudNative.CloudEvents.SystemTextJson", "Microsoft.IdentityModel.JsonWebTokens", "Microsoft.IdentityModel.Protocols.OpenIdConnect", .. Telemetry],
        ["Queues"] = ["Azure.Identity", "Azure.Storage.Queues"],
        ["Exporter"] = ["Azure.Messaging.EventGrid", "CloudNative.CloudEvents", "CloudNative.CloudEvents.SystemTextJson", "Polly.Core", .. Telemetry],
        ["Hosting"] = Telemetry,
        ["Hns"] = ["System.CommandLine"],
    };

    private static string[] Telemetry =>
    [
        "OpenTelemetry.Extensions.Hosting", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Exporter.Prometheus.AspNetCore",
    ];

    public static TheoryData<string> Product => [.. Tree.Product];

    [Theory]
    [MemberData(nameof(Product))]
    public void Projects_reference_only_what_lies_below_them(string project)
    {
        var allowed = Assert.Contains(Tree.Name(project), Allowed.AsReadOnly());
        var references = Items(project, "ProjectReference").Select(path => Tree.Name(path.Replace('\\', '/')));
        Assert.Empty(references.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Product))]
    public void Compiled_code_refers_only_to_what_lies_below_it(string project)
    {
        var (name, assembly) = (Tree.Name(project), AssemblyOf(project));
        var allowed = Allowed[name].Select(other => AssemblyOf(Tree.Product.Single(path => Tree.Name(path) == other)));
        var references = CodeReferences.Of(assembly).Assemblies.Where(IsOurs);
        Assert.Empty(references.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Product))]
    public void Packages_come_in_where_they_are_wanted(string project)
    {
        var allowed = AllowedPackages.GetValueOrDefault(Tree.Name(project)) ?? [];
        Assert.Empty(Items(project, "PackageReference").Except(allowed));
        if (!allowed.Contains("KubernetesClient.Aot"))
            Assert.DoesNotContain("KubernetesClient.Aot", CodeReferences.Of(AssemblyOf(project)).Assemblies);
    }

    private static bool IsOurs(string assembly) =>
        assembly.StartsWith("Heliograph.", StringComparison.Ordinal) || assembly.StartsWith("heliograph-", StringComparison.Ordinal);

    private static string AssemblyOf(string project) =>
        Tree.Project(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);

    private static IEnumerable<string> Items(string project, string item) =>
        Tree.Project(project).Descendants(item).Select(element => (string)element.Attribute("Include")!);
}
