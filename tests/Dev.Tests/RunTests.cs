using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;

namespace Heliograph.Dev.Tests;

/// <summary><c>./dev run</c>, driven as a stranger's test would.</summary>
public sealed class RunTests(Cluster cluster) : IClassFixture<Cluster>
{
    private const int Stop = 19;

    /// <summary>The promise.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(2)]
    public async Task Says_ready_and_nothing_else_and_ends_on_a_signal(int signal)
    {
        await using var dev = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await dev.IsReadyAsync();
        var children = dev.Children;
        Assert.Equal(2, children.Count);

        dev.Signal(signal);

        Assert.Equal(0, await dev.EndsAsync(TimeToEnd));
        Assert.Equal("ready\n", dev.Output);
        await DevProcess.AreGoneAsync(children);
    }

    [Theory]
    [InlineData(Programs.ExporterName)]
    [InlineData(Programs.FunctionsName)]
    public async Task Ends_in_time_although_a_child_hangs(string program)
    {
        await using var dev = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await dev.IsReadyAsync();
        var children = dev.Children;
        Signals.Send(dev.Child(program), Stop);

        dev.Signal(Signals.Terminate);

        Assert.Equal(0, await dev.EndsAsync(TimeToEnd));
        await DevProcess.AreGoneAsync(children);
    }

    [Fact]
    public async Task Takes_its_children_along_when_it_is_killed()
    {
        await using var dev = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await dev.IsReadyAsync();
        var children = dev.Children;

        dev.Signal(Signals.Kill);

        await DevProcess.AreGoneAsync(children);
    }

    [Theory]
    [InlineData(Programs.ExporterName, Programs.FunctionsName)]
    [InlineData(Programs.FunctionsName, Programs.ExporterName)]
    public async Task Says_which_child_died(string victim, string other)
    {
        await using var dev = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await dev.IsReadyAsync();
        var survivor = dev.Child(other);

        Signals.Send(dev.Child(victim), Signals.Kill);

        Assert.Equal(1, await dev.EndsAsync(DevProcess.Patience));
        Assert.Contains($"{victim} ended", dev.Errors, StringComparison.Ordinal);
        await DevProcess.AreGoneAsync([survivor]);
    }

    [Fact]
    public async Task Names_an_unknown_setting_and_lists_the_known_ones()
    {
        var (code, output, errors) = await DevProcess.RunAsync("run", "--kubeconfig", cluster.Kubeconfig, "--set", "Replication__Kind=Secret");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("Replication__Kind: there is no such setting", errors, StringComparison.Ordinal);
        Assert.Contains("Replication__Kinds:", errors, StringComparison.Ordinal);
        Assert.Contains("Exporter__Endpoint:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_it_to_the_programs_to_judge_a_value()
    {
        var (code, output, errors) = await DevProcess.RunAsync("run", "--kubeconfig", cluster.Kubeconfig, "--set", "Replication__OnRelease=maybe");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("setting Replication__OnRelease is \"maybe\", which is not delete or keep", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/kubeconfig", "/nowhere/kubeconfig does not exist")]
    [InlineData("/dev/null", "/dev/null is empty")]
    [InlineData("", "--kubeconfig needs the path of a file")]
    public async Task Says_what_is_wrong_with_a_kubeconfig(string kubeconfig, string problem)
    {
        var (code, output, errors) = await DevProcess.RunAsync("run", "--kubeconfig", kubeconfig);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(problem, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Needs_a_cluster()
    {
        var (code, _, errors) = await DevProcess.RunAsync("run");
        Assert.Equal(2, code);
        Assert.Contains("--kubeconfig FILE", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_at_once_do_not_meet_and_each_can_be_asked_to_resync()
    {
        await using var one = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await using var other = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await one.IsReadyAsync();
        await other.IsReadyAsync();

        var ambiguous = await DevProcess.RunAsync("resync", "--dry-run");
        Assert.Equal(2, ambiguous.Code);
        Assert.Contains($"--process {one.Id}", ambiguous.Errors, StringComparison.Ordinal);
        Assert.Contains($"--process {other.Id}", ambiguous.Errors, StringComparison.Ordinal);
        foreach (var dev in (DevProcess[])[one, other])
        {
            var (code, output, _) = await DevProcess.RunAsync("resync", "--dry-run", "--json", "--process", $"{dev.Id}");
            Assert.Equal(0, code);
            Assert.Contains("\"dryRun\": true", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_key_is_on_no_command_line()
    {
        await using var dev = DevProcess.Start("run", "--kubeconfig", cluster.Kubeconfig);
        await dev.IsReadyAsync();
        Assert.All(dev.Children, child => Assert.Single(File.ReadAllText($"/proc/{child}/cmdline").TrimEnd('\0').Split('\0')));
    }
}
