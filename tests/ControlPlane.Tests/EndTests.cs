using System.Diagnostics;

namespace Heliograph.ControlPlane.Tests;

/// <summary>Nothing is left behind, whichever way it ends.</summary>
public sealed class EndTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disposal_leaves_no_process_and_no_directory()
    {
        var controlPlane = await LocalControlPlane.StartAsync(cancellationToken: Stop);
        var processes = controlPlane.ProcessIds;
        Assert.Equal(controlPlane.HasControllerManager ? 3 : 2, processes.Count);
        Assert.All(processes, process => Assert.True(Processes.Runs(process)));

        await controlPlane.DisposeAsync();
        await controlPlane.DisposeAsync();
        Assert.All(processes, process => Assert.False(Processes.Runs(process)));
        Assert.False(Directory.Exists(controlPlane.Directory));
        Assert.Empty(controlPlane.ProcessIds);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => controlPlane.StartApiServerAsync(Stop));
    }

    [Fact]
    public async Task The_processes_of_an_owner_that_is_killed_die_too_and_the_next_start_removes_its_directory()
    {
        using var scratch = new ScratchDirectory(); // where no other start can reap
        var start = new ProcessStartInfo(Environment.ProcessPath!, Program.Hold) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["TMPDIR"] = scratch.FullName;
        using var held = new HeldProcess(start);
        var owner = held.Process;
        var directory = await owner.StandardOutput.ReadLineAsync(Stop);
        var processes = (await owner.StandardOutput.ReadLineAsync(Stop))!.Split(' ').Select(int.Parse).ToArray();
        Assert.Equal(2, processes.Length);
        Assert.Equal(processes.Order(), Processes.In(directory!).Order());

        owner.Kill();
        await owner.WaitForExitAsync(Stop);
        await Eventually.TrueAsync("its processes are gone", () => !processes.Any(Processes.Runs));
        Assert.True(Directory.Exists(directory));
        StaleDirectories.Reap(scratch.FullName, null);
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public void The_processes_and_directory_of_a_dead_owner_are_reaped_and_no_others()
    {
        using var scratch = new ScratchDirectory();
        var dead = Directory.CreateDirectory(scratch.File("heliograph-control-plane-dead")).FullName;
        var alive = Directory.CreateDirectory(scratch.File("heliograph-control-plane-alive")).FullName;
        var foreign = Directory.CreateDirectory(scratch.File("heliograph-control-plane-foreign")).FullName;
        var kept = Directory.CreateDirectory(scratch.File("heliograph-control-plane-kept")).FullName;
        var space = new FileInfo("/proc/self/ns/pid").LinkTarget;
        var stat = File.ReadAllText("/proc/self/stat");
        var began = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        File.WriteAllText(Path.Combine(dead, "owner"), $"{Environment.ProcessId} 1 {space}"); // our id, but another start
        File.WriteAllText(Path.Combine(alive, "owner"), $"{Environment.ProcessId} {began} {space}");
        File.WriteAllText(Path.Combine(foreign, "owner"), "1 1 pid:[1]"); // of another container
        using var left = Sleep(dead);
        using var busy = Sleep(alive);

        StaleDirectories.Reap(scratch.FullName, null);
        Assert.True(left.Process.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.False(Directory.Exists(dead));
        Assert.False(busy.Process.HasExited);
        Assert.All([alive, foreign, kept], directory => Assert.True(Directory.Exists(directory)));
    }

    [Fact]
    public async Task A_process_that_ends_before_it_is_ready_is_named_with_the_end_of_its_log()
    {
        var real = await ControlPlaneAssets.LocateAsync(cancellationToken: Stop);
        using var scratch = new ScratchDirectory();
        File.CreateSymbolicLink(scratch.File("etcd"), real.Etcd);
        scratch.WriteProgram("kube-apiserver", """
            case $1 in --version) echo "Kubernetes v1.99.0"; exit ;; --help) exit ;; esac
            echo "the dog ate my flags" >&2
            exit 3
            """);
        var assets = ControlPlaneAssets.FromDirectory(scratch.FullName, "a test", null);
        var options = new ControlPlaneOptions { Assets = assets };
        var error = await Assert.ThrowsAsync<ControlPlaneException>(() => LocalControlPlane.StartAsync(options, cancellationToken: Stop));
        const string beginning = "kube-apiserver ended with exit code 3 before it was ready. The end of its log (";
        Assert.StartsWith(beginning, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("  | the dog ate my flags", error.Message, StringComparison.Ordinal);
        var directory = Path.GetDirectoryName(error.Message.Split('(')[1].Split(')')[0])!;
        Assert.True(Directory.Exists(directory)); // for a look
        Assert.Empty(Processes.In(directory));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_start_that_is_called_off_leaves_nothing()
    {
        var assets = await ControlPlaneAssets.LocateAsync(cancellationToken: Stop);
        var told = new Told();
        using var off = new CancellationTokenSource();
        var before = Directory.GetDirectories(Path.GetTempPath(), "heliograph-control-plane-*");
        var start = LocalControlPlane.StartAsync(new ControlPlaneOptions { Assets = assets }, told, off.Token);
        string? mine = null;
        await Eventually.TrueAsync("kube-apiserver writes its log", () =>
        {
            mine ??= Directory.GetDirectories(Path.GetTempPath(), "heliograph-control-plane-*").Except(before).SingleOrDefault(IsOurs);
            return mine is not null && File.Exists(Path.Combine(mine, "kube-apiserver.log"));
        });
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.False(Directory.Exists(mine));
        Assert.Empty(Processes.In(mine!));
    }

    // Others may start control planes of their own meanwhile.
    private static bool IsOurs(string directory)
    {
        var owner = Path.Combine(directory, "owner");
        return File.Exists(owner) && File.ReadAllText(owner).StartsWith($"{Environment.ProcessId} ", StringComparison.Ordinal);
    }

    private static HeldProcess Sleep(string directory) => new(new ProcessStartInfo("sleep", "600") { WorkingDirectory = directory });
}
