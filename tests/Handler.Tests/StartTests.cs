using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Heliograph.ControlPlane;

namespace Heliograph.Handler.Tests;

/// <summary>How the handler starts, where it listens, and when it ends.</summary>
public sealed partial class StartTests(World world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task It_listens_where_the_host_says_and_nowhere_else_whatever_the_environment_says()
    {
        var elsewhere = FreePort.Pick();
        await using var host = await world.HostAsync(
            ("ASPNETCORE_HTTP_PORTS", "8080"), ("ASPNETCORE_HTTPS_PORTS", "8443"), ("DOTNET_URLS", "http://0.0.0.0:8081"),
            ("Kestrel__Endpoints__Other__Url", $"http://0.0.0.0:{elsewhere}"), ("Functions__Listen", $"http://0.0.0.0:{elsewhere}"));

        Assert.Equal([$"127.0.0.1:{host.Port}"], ListenersOf(host.Id));
    }

    [Fact]
    public async Task It_reads_nothing_of_the_hosts_folder()
    {
        var folder = Directory.CreateTempSubdirectory("heliograph-host-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "appsettings.json"), """{"Replication":{"Kinds":"Nothing"},"Functions":{"Key":"of the host"}}""", TestContext.Current.CancellationToken);

        await using var host = await world.HostAsync(("ASPNETCORE_CONTENTROOT", folder));

        using var answer = await host.ProxyAsync(HttpMethod.Get, $"/api/explain?namespace=default&code={HostProtocolStub.Key}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Authorities_that_the_system_trusts_are_not_read_where_nobody_needs_them()
    {
        var folder = Directory.CreateTempSubdirectory("heliograph-trust-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "authority.pem"), AnyAuthority(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "seen"), "x", TestContext.Current.CancellationToken);
        var read = new ConcurrentQueue<string?>();
        using var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.LastAccess };
        watcher.Changed += (_, access) => read.Enqueue(access.Name);
        watcher.EnableRaisingEvents = true;
        await using var host = await world.HostAsync(("SSL_CERT_FILE", Path.Combine(folder, "authority.pem")), ("SSL_CERT_DIR", folder));

        using var answer = await host.ProxyAsync(HttpMethod.Get, $"/api/explain?namespace=default&code={HostProtocolStub.Key}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        _ = await File.ReadAllTextAsync(Path.Combine(folder, "seen"), TestContext.Current.CancellationToken);
        await Eventually.IsAsync(() => read.Contains("seen"), () => "what was read is told");
        Assert.DoesNotContain("authority.pem", read);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Whoever_gets_an_answer_gets_work_done_at_once()
    {
        await world.SourceAsync("ready", 1);
        await using var host = HostProtocolStub.Start(world.Program, world.Settings());

        Assert.InRange((await host.BecomesReadyAsync())!.Value, 200, 599);
        Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync("OnEvent", Payload.OneEvent(Payload.SourceChanged("ready-origin", "ready"))));

        Assert.Equal([World.Payload], await world.MirrorsAsync("ready", 1));
    }

    [Theory]
    [InlineData("Replication__Kinds", "Secret,Pod", "setting Replication__Kinds names \"Pod\"")]
    [InlineData("Kubernetes__Kubeconfig", "/nowhere/kubeconfig", "/nowhere/kubeconfig does not exist")]
    [InlineData("Functions__Key", "", "setting Functions__Key or Functions__KeyFile must be set")]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT", "", "use heliograph-functions")]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT", "http", "setting FUNCTIONS_CUSTOMHANDLER_PORT is \"http\", which is not a port")]
    public async Task With_a_mistake_in_its_settings_it_never_listens_and_ends_so_that_the_host_counts_it(string setting, string value, string problem)
    {
        await using var host = HostProtocolStub.Start(world.Program, world.Settings((setting, value)));

        Assert.Null(await host.BecomesReadyAsync());

        Assert.Equal(HandlerApp.CannotStart, await host.EndsAsync(Patience));
        await Eventually.IsAsync(() => host.Errors.Contains(problem, StringComparison.Ordinal), () => $"\"{problem}\" is said, but: {host.Errors}");
        Assert.DoesNotContain("   at ", host.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(15)]
    public async Task A_signal_that_is_meant_for_the_host_is_ignored_while_the_host_lives(int signal)
    {
        await using var host = await world.HostAsync();

        host.Signal(signal);

        await Eventually.IsAsync(() => host.Output.Contains("is ignored", StringComparison.Ordinal), () => $"it says so: {host.Output}");
        Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync("Sweep", Payload.Timer()));
        Assert.False(host.HasExited);
    }

    [Fact]
    public async Task When_the_host_is_killed_it_ends_with_the_code_that_says_on_purpose()
    {
        Assert.Equal(0, AdoptOrphans(36, 1, 0, 0, 0));
        var port = FreePort.Pick();
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" & echo $!; wait", world.Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = world.App,
        };
        HostProtocolStub.Prepare(start, port, world.Settings());
        using var parent = Process.Start(start)!;
        var handler = int.Parse((await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.IsAsync(() => ListenersOf(handler).Length > 0, () => "it listens");

        Signals.Send(parent.Id, Signals.Kill);

        var status = 0;
        await Eventually.IsAsync(() => WaitFor(handler, out status, 1) == handler, () => "it ends by itself");
        Assert.Equal((0, HandlerApp.StoppedByItself), (status & 0x7f, (status >> 8) & 0xff));
    }

    private static string AnyAuthority()
    {
        using var key = ECDsa.Create();
        using var authority = new CertificateRequest("CN=anybody", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        return authority.ExportCertificatePem();
    }

    /// <summary>The addresses at which a process listens.</summary>
    private static string[] ListenersOf(int process)
    {
        var sockets = Directory.GetFiles($"/proc/{process}/fd").Select(file => new FileInfo(file).LinkTarget).OfType<string>()
            .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        return
        [
            .. from table in (string[])["tcp", "tcp6"]
               from line in File.ReadLines($"/proc/{process}/net/{table}").Skip(1)
               let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where fields[3] == "0A" && sockets.Contains(fields[9])
               select Address(fields[1]),
        ];
    }

    private static string Address(string hex)
    {
        var parts = hex.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        for (var i = 0; i < bytes.Length; i += 4)
            Array.Reverse(bytes, i, 4);
        return $"{new IPAddress(bytes)}:{int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)}";
    }

    /// <summary>Orphans among our descendants become our children, so that we learn their exit codes.</summary>
    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdoptOrphans(int option, nuint value, nuint unused1, nuint unused2, nuint unused3);

    [DllImport("libc", EntryPoint = "waitpid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int WaitFor(int process, out int status, int options);
}

/// <summary>Waits for what happens beside the caller.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task IsAsync(Func<bool> condition, Func<string> what) => IsAsync(() => Task.FromResult(condition()), what);

    public static async Task IsAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"did not come about: {what()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
