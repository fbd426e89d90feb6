using System.Diagnostics;

namespace Heliograph.Dev.Tests;

/// <summary><c>./dev kubectl-hns</c>: a stranger's way to the plugin.</summary>
public sealed class KubectlHnsTests
{
    [Fact]
    public async Task It_says_where_the_plugin_is()
    {
        var (code, output, errors) = await DevProcess.RunAsync("kubectl-hns", "--jit");
        Assert.True(code == 0, errors);
        var start = new ProcessStartInfo(Path.Combine(output.TrimEnd(), "kubectl-hns"), ["version"]) { RedirectStandardOutput = true };
        using var plugin = Process.Start(start)!;
        Assert.StartsWith("kubectl-hns version v", await plugin.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
