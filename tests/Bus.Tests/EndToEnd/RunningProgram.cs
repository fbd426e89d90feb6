using System.Diagnostics;
using System.Net;
using System.Text;
using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;

namespace Heliograph.Bus.Tests.EndToEnd;

/// <summary>One of the two programs as it ships — native where this machine can build that — as a process of its own, which dies with the tests.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private static readonly Lazy<Task<Programs>> Ships = new(() => Programs.PrepareAsync(jit: false, CancellationToken.None));

    private readonly Process process;
    private readonly StringBuilder errors = new();
    private readonly HttpClient http;

    private RunningProgram(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    public int Id => process.Id;

    /// <summary>What it has logged so far.</summary>
    public string Errors
    {
        get
        {
            lock (errors)
                return errors.ToString();
        }
    }

    /// <summary>Starts the exporter.</summary>
    public static Task<RunningProgram> ExporterAsync(params (string Name, string Value)[] settings) => StartAsync(programs => programs.Exporter, "Exporter__Listen", settings);

    /// <summary>Starts the standalone functions, with the key "k". Where settings say at which address, what is asked here is asked at that of the probes.</summary>
    public static Task<RunningProgram> FunctionsAsync(params (string Name, string Value)[] settings) => StartAsync(
        programs => programs.Functions, settings.Any(setting => setting.Name == "Functions__Listen") ? "Functions__HealthListen" : "Functions__Listen", [("Functions__Key", "k"), .. settings]);

    public Task BecomesReadyAsync() => Eventually.IsAsync(
        async () =>
        {
            Assert.False(process.HasExited, $"it ended:\n{Errors}");
            return await StatusAsync("/readyz") == HttpStatusCode.OK;
        },
        $"{process.ProcessName} is ready; it said:\n{Errors}");

    /// <summary>What it answers; null where it does not.</summary>
    public async Task<HttpStatusCode?> StatusAsync(string path)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What it says of its readiness.</summary>
    public async Task<string> ReadinessAsync()
    {
        using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        Signals.Send(process.Id, Signals.Kill);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Asks it to end, as Kubernetes does.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        Signals.Send(process.Id, Signals.Terminate);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(EndPatience);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<RunningProgram> StartAsync(Func<Programs, string> choose, string listen, (string Name, string Value)[] settings)
    {
        var programs = await Ships.Value;
        var address = new Uri($"http://127.0.0.1:{FreePort.Pick()}");
        string[] command = [.. DeathPact.Prefix("KILL"), choose(programs)];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true };
        start.Environment.Remove("KUBECONFIG");
        foreach (var (name, value) in settings.Append((listen, address.ToString())))
            start.Environment[name] = value;
        return new RunningProgram(await DeathPact.StartAsync(start), address);
    }

    private void Append(string? line)
    {
        lock (errors)
            errors.AppendLine(line);
    }
}
