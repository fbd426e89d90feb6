using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests;

/// <summary>The program itself, as a shell and kubectl start it.</summary>
public sealed class ExecutableTests(RealCluster cluster)
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "kubectl-hns");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubectl_finds_it_by_its_name()
    {
        var version = await StartAsync("kubectl", ["hns", "version"], ("PATH", $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}"));
        Assert.Matches("^kubectl-hns version v\\d+\\.\\d+\\.\\d+\n$", version.Good());
    }

    [Fact]
    public async Task It_goes_where_the_kubeconfig_of_the_environment_leads()
    {
        var (eng, child) = (await cluster.NewNamespaceAsync("eng"), await cluster.NewNamespaceAsync("child", subnamespaceOf: "eng"));
        await cluster.HierarchyAsync(child, eng);
        var ran = await StartAsync(Program, ["tree", eng], ("KUBECONFIG", cluster.ControlPlane.AdminKubeconfig));
        Assert.Equal($"{eng}\n└── [s] {child}\n\n[s] indicates subnamespaces\n", ran.Good());
        var failed = await StartAsync(Program, ["set", child, "-p", "Not/A/Name", "-r"], ("KUBECONFIG", cluster.ControlPlane.AdminKubeconfig));
        Assert.Equal("Cannot give the namespace a parent and make it a root at the same time\n", failed.Bad());
    }

    [Fact]
    public async Task It_reads_and_writes_all_that_there_is()
    {
        var (eng, child) = (await cluster.NewNamespaceAsync("eng"), await cluster.NewNamespaceAsync("child"));
        Task<Ran> Hns(params string[] args) => StartAsync(Program, args, ("KUBECONFIG", cluster.ControlPlane.AdminKubeconfig));

        Assert.Contains("Succesfully updated 2 properties", (await Hns("set", child, "-p", eng, "-a")).Good(), StringComparison.Ordinal);
        Assert.Contains("Succesfully updated 1 property", (await Hns("set", child, "-f")).Good(), StringComparison.Ordinal);
        (await Hns("create", "other", "-n", eng, "-l", "team=a")).Good();
        Assert.Contains($"  - {child}\n  - other (Missing subnamespace)\n", (await Hns("describe", eng)).Good(), StringComparison.Ordinal);
        (await Hns("delete", "other", "-n", eng)).Good();
        Assert.Equal($"{eng}\n└── {child}\n", (await Hns("tree", eng, "--mirrors")).Good());
        Assert.Contains(child, (await Hns("get", "cm", "-n", eng)).Good(), StringComparison.Ordinal);
        Assert.StartsWith("Synchronized resources:\n", (await Hns("config", "describe")).Good(), StringComparison.Ordinal);
        Assert.Contains("Nothing to delete", (await Hns("config", "delete-type", "--resource", "gadgets")).Good(), StringComparison.Ordinal);
        Assert.StartsWith("No resources found", (await Hns("hrq", "-n", eng)).Bad(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_watch_without_a_word()
    {
        var ns = await cluster.NewNamespaceAsync("watched");
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "here" } });
        using var process = Start(Program, ["get", "cm", "-n", ns, "-w"], ("KUBECONFIG", cluster.ControlPlane.AdminKubeconfig));
        while (await process.StandardOutput.ReadLineAsync(Cancellation) is { } line && !line.Contains("here", StringComparison.Ordinal))
        {
            // Until it shows what is there.
        }
        (await StartAsync("kill", ["-INT", $"{process.Id}"])).Good();
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal((130, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(Cancellation)));
    }

    [Fact]
    public async Task It_takes_the_namespace_of_the_context_that_is_named()
    {
        var ns = await cluster.NewNamespaceAsync("context");
        var kubeconfig = Path.Combine(Path.GetTempPath(), $"kubectl-hns-{ns}-{Environment.ProcessId}");
        File.Copy(cluster.ControlPlane.AdminKubeconfig, kubeconfig, overwrite: true);
        try
        {
            var current = (await StartAsync("kubectl", ["config", "view", "-o", "json"], ("KUBECONFIG", kubeconfig))).Good();
            var context = JsonNode.Parse(current)!["contexts"]![0]!["context"]!;
            (await StartAsync("kubectl", ["config", "set-context", "other", $"--cluster={context["cluster"]}", $"--user={context["user"]}", $"--namespace={ns}"], ("KUBECONFIG", kubeconfig))).Good();

            var made = await StartAsync(Program, ["--context", "other", "create", "child"], ("KUBECONFIG", kubeconfig));
            Assert.Equal($"Successfully created \"child\" subnamespace anchor in \"{ns}\" namespace\n", made.Good());
            Assert.Equal("No resources found in default namespace.\n", (await StartAsync(Program, ["hrq", "--kubeconfig", kubeconfig])).Bad());
            Assert.Contains("has no context 'third'", (await StartAsync(Program, ["hrq", "--context=third"], ("KUBECONFIG", kubeconfig))).Bad(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    [Fact]
    public async Task Mistakes_are_told_in_a_line_or_two()
    {
        Assert.Equal("Error: Unrecognized command or argument '--nothing'.\nSee 'kubectl hns --help'.\n", (await StartAsync(Program, ["version", "--nothing"])).Bad());
        Assert.Contains("No cluster is configured", (await StartAsync(Program, ["tree", "-A"], ("HOME", "/nonexistent"))).Bad(), StringComparison.Ordinal);
        var help = (await StartAsync(Program, [])).Good();
        foreach (var command in (string[])["set", "describe", "tree", "create", "delete", "config", "hrq", "get", "version"])
            Assert.Matches($"(?m)^  {command} ", help);
    }

    private static async Task<Ran> StartAsync(string program, string[] args, params (string Name, string Value)[] environment)
    {
        using var process = Start(program, args, environment);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        return new Ran(process.ExitCode, await output, await errors);
    }

    private static Process Start(string program, string[] args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("KUBECONFIG");
        start.Environment.Remove("KUBERNETES_SERVICE_HOST");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
