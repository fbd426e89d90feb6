using System.Diagnostics;

namespace Heliograph.ControlPlane.Tests;

/// <summary>The build script around the build: its checks, its lock, its clean-up. Caches are tiny fakes; nothing is compiled.</summary>
public sealed class BuildFromDebianTests : IDisposable
{
    private const string Mirror = "Types: deb deb-src|URIs: http://mirror.test/debian|Suites: bookworm|Components: main|"
        + "Targets: Packages Sources|Signed-By: /keys/debian.gpg";

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "control-plane", "build-from-debian");
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly ScratchDirectory scratch = new();
    private readonly string root;
    private string cache = "";

    public BuildFromDebianTests()
    {
        root = scratch.File("heliograph/control-plane");
        // Were a test to build after all, it would fail here and at once.
        scratch.WriteProgram("apt-get", "echo 'apt-get: not in a test' >&2\nexit 42\n");
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_good_cache_is_printed_and_nothing_else()
    {
        await MakeCacheAsync();
        Assert.Equal((0, cache + "\n", ""), await RunAsync());
        Assert.Equal((0, cache + "\n", ""), await RunAsync("--check"));
    }

    [Fact]
    public async Task A_cache_that_is_not_there_is_no_good()
    {
        var (code, output, error) = await RunAsync("--check");
        Assert.Equal((1, ""), (code, output));
        Assert.Matches("^build-from-debian: there is no .*/heliograph/control-plane/kubernetes-.* yet\n$", error);
    }

    [Theory]
    [InlineData("etcd")]
    [InlineData("kube-apiserver")]
    [InlineData("kube-controller-manager")]
    public async Task A_changed_byte_is_noticed(string program)
    {
        await MakeCacheAsync();
        await File.AppendAllTextAsync(Path.Combine(cache, program), "x", Stop);
        await CheckSaysAsync($"{cache} is damaged: {program} does not match MANIFEST.b2sum");
    }

    [Fact]
    public async Task A_missing_program_is_noticed()
    {
        await MakeCacheAsync();
        File.Delete(Path.Combine(cache, "etcd"));
        await CheckSaysAsync($"{cache} is damaged: etcd is missing or cannot be executed");
    }

    [Fact]
    public async Task A_manifest_that_passes_over_a_program_is_noticed()
    {
        await MakeCacheAsync();
        var manifest = Path.Combine(cache, "MANIFEST.b2sum");
        var lines = await File.ReadAllLinesAsync(manifest, Stop);
        await File.WriteAllLinesAsync(manifest, lines.Where(line => !line.EndsWith("  etcd", StringComparison.Ordinal)), Stop);
        await CheckSaysAsync($"{cache} is damaged: MANIFEST.b2sum does not name etcd");
    }

    [Fact]
    public async Task A_cache_without_a_manifest_is_incomplete()
    {
        await MakeCacheAsync();
        File.Delete(Path.Combine(cache, "MANIFEST.b2sum"));
        await CheckSaysAsync($"{cache} is incomplete: MANIFEST.b2sum is missing");
    }

    [Fact]
    public async Task A_damaged_cache_is_built_again_and_a_failed_build_says_where_its_log_is()
    {
        await MakeCacheAsync();
        await File.AppendAllTextAsync(Path.Combine(cache, "etcd"), "x", Stop);
        var (code, output, error) = await RunAsync();
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"{cache} is damaged: etcd does not match MANIFEST.b2sum; building it again\n", error, StringComparison.Ordinal);
        Assert.Contains("[1/7] 0:00 reading the package index\n", error, StringComparison.Ordinal);
        Assert.Contains("  | apt-get: not in a test\n", error, StringComparison.Ordinal);
        Assert.EndsWith($"The whole log: {cache}.log\n", error, StringComparison.Ordinal);
        Assert.Contains("apt-get: not in a test", await File.ReadAllTextAsync(cache + ".log", Stop), StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(root, "*.building.*"));
    }

    [Fact]
    public async Task The_second_of_two_waits_and_uses_what_the_first_has_built()
    {
        await MakeCacheAsync();
        var whole = cache + ".aside";
        Directory.Move(cache, whole);
        var leftover = Directory.CreateDirectory($"{cache}.building.1").FullName;
        Process second;
        using (new FileStream(Path.Combine(root, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            second = Start();
            Assert.Equal("another build is running; waiting for it", await second.StandardError.ReadLineAsync(Stop));
            Assert.True(Directory.Exists(leftover)); // it may be the other's
            Directory.Move(whole, cache);
        }

        using (second)
        {
            Assert.Equal(cache + "\n", await second.StandardOutput.ReadToEndAsync(Stop));
            await second.WaitForExitAsync(Stop);
            Assert.Equal(0, second.ExitCode);
            Assert.False(Directory.Exists(leftover));
        }
    }

    [Theory]
    [InlineData(2, 130)]
    [InlineData(15, 143)]
    public async Task An_interrupted_build_leaves_nothing(int signal, int code)
    {

        scratch.WriteProgram("apt-get", $"echo $$ >'{scratch.File("pid")}'\nexec sleep 600\n");
        using var held = new HeldProcess(StartInfo([Script]));
        var build = held.Process;
        var pid = scratch.File("pid");
        await Eventually.TrueAsync("it works", () => File.Exists(pid) && File.ReadAllText(pid).EndsWith('\n'));
        var worker = int.Parse(await File.ReadAllTextAsync(scratch.File("pid"), Stop), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Processes.Runs(worker));

        Signals.Send(build.Id, signal);
        await build.WaitForExitAsync(Stop);
        Assert.Equal(code, build.ExitCode);
        Assert.False(Processes.Runs(worker));
        Assert.Empty(Directory.GetDirectories(root));
    }

    [Fact]
    public async Task A_build_that_is_called_off_ends()
    {
        scratch.WriteProgram("apt-get", $"echo $$ >'{scratch.File("pid")}'\nexec sleep 600\n");
        using var off = new CancellationTokenSource();
        var (path, home) = (Environment.GetEnvironmentVariable("PATH"), Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        var assets = Environment.GetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable);
        try
        {
            Environment.SetEnvironmentVariable("PATH", $"{scratch.FullName}:{path}");
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", scratch.FullName);
            Environment.SetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable, null);
            var told = new Told();
            var locate = ControlPlaneAssets.LocateAsync(told, off.Token);
            await Eventually.TrueAsync("it works", () => File.Exists(scratch.File("pid")));
            // Its words come by another way than the file, and a busy machine takes a second for them.
            await Eventually.TrueAsync("it says so", () => told.Lines.Any(line =>
                line.StartsWith("[1/7] 0:0", StringComparison.Ordinal) && line.EndsWith(" reading the package index", StringComparison.Ordinal)));
            await off.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => locate);
            Assert.Empty(Directory.GetDirectories(root));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", home);
            Environment.SetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable, assets);
        }
    }

    [Theory]
    [InlineData("--frobnicate")]
    [InlineData("--check", "--force")]
    public async Task Other_arguments_are_refused(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("usage: build-from-debian", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_systems_mirror_is_found_in_a_deb822_file()
    {
        await File.WriteAllTextAsync(scratch.File("a.sources"), """
            Types: deb
            URIs: http://vendor.test/debian
            Suites: bookworm
            Components: stable

            Types: deb
            Enabled: no
            URIs: http://off.test/debian
            Suites: bookworm
            Components: main

            # the one
            Types: deb
            URIs: http://mirror.test/debian
            Suites: trixie trixie-updates
            Components: main contrib
            Signed-By: /keys/debian.gpg

            Types: deb
            URIs: http://security.test/debian-security
            Suites: trixie-security
            Components: main
            """, Stop);
        Assert.Equal(Mirror, await SourceAsync("a.sources"));
    }

    [Fact]
    public async Task The_systems_mirror_is_found_in_a_list_and_one_with_our_suite_is_preferred()
    {
        await File.WriteAllTextAsync(scratch.File("a.sources"), """
            Types: deb
            URIs: http://other.test/debian
            Suites: trixie
            Components: main
            """, Stop);
        await File.WriteAllTextAsync(scratch.File("b.list"), """
            # deb http://old.test/debian bookworm main
            deb [arch=amd64] http://vendor.test/linux/debian bookworm stable
            deb-src http://source.test/debian bookworm main
            deb [ arch=amd64 signed-by=/keys/debian.gpg ] http://mirror.test/debian bookworm main contrib
            deb http://mirror.test/debian bookworm-updates main
            """, Stop);
        Assert.Equal(Mirror, await SourceAsync("a.sources", "b.list"));
    }

    [Fact]
    public async Task A_key_that_stands_in_the_source_itself_is_kept()
    {
        await File.WriteAllTextAsync(scratch.File("a.sources"), """
            Types: deb
            URIs: http://mirror.test/debian
            Suites: bookworm
            Components: main
            Signed-By:
             -----BEGIN-----
             .
             abc
             -----END-----
            """, Stop);
        Assert.EndsWith("|Signed-By:| -----BEGIN-----| .| abc| -----END-----", await SourceAsync("a.sources"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_debian_mirror_there_is_no_source()
    {
        await File.WriteAllTextAsync(scratch.File("a.list"), """
            deb http://vendor.test/debian bookworm stable
            deb http://ubuntu.test/ubuntu noble main
            """, Stop);
        Assert.Equal("", await SourceAsync("a.list"));
    }

    /// <summary>Puts a complete cache of tiny programs where the script looks for it.</summary>
    private async Task MakeCacheAsync()
    {
        var (_, _, error) = await RunAsync("--check");
        cache = error["build-from-debian: there is no ".Length..^" yet\n".Length];
        Assert.StartsWith(root, cache, StringComparison.Ordinal);
        Directory.CreateDirectory(cache);
        using var sums = Process.Start(new ProcessStartInfo("bash")
        {
            ArgumentList =
            {
                "-c",
                "for p in etcd kube-{apiserver,controller-manager}; do echo $p >$p; chmod +x $p; done; b2sum etcd kube-* >MANIFEST.b2sum",
            },
            WorkingDirectory = cache,
        })!;
        await sums.WaitForExitAsync(Stop);
    }

    /// <summary>What the script makes of source files, its lines joined by bars and without doubled blanks.</summary>
    private async Task<string> SourceAsync(params string[] files)
    {
        using var process = Start(["-c", $"source '{Script}'; debian_source \"$@\"", "bash", .. files.Select(scratch.File)]);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(output.Length == 0 ? 1 : 0, process.ExitCode);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return string.Join('|', lines.Select(line => line.Replace(":  ", ": ", StringComparison.Ordinal).TrimEnd()));
    }

    private async Task CheckSaysAsync(string wrong) => Assert.Equal((1, "", $"build-from-debian: {wrong}\n"), await RunAsync("--check"));

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start([Script, .. arguments]);
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output, await error);
    }

    private Process Start() => Start([Script]);

    private Process Start(IEnumerable<string> arguments) => Process.Start(StartInfo(arguments))!;

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["XDG_CACHE_HOME"] = scratch.FullName;
        start.Environment["PATH"] = $"{scratch.FullName}:{start.Environment["PATH"]}";
        return start;
    }
}
