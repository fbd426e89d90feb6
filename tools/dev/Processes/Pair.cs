using System.Net;
using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;

namespace Heliograph.Dev.Processes;

/// <summary>Which cluster each of the two programs uses, and with which settings.</summary>
/// <param name="FunctionsKubeconfig">The kubeconfig of the functions; null leaves it to the environment.</param>
/// <param name="ExporterKubeconfig">The kubeconfig of the exporter; null leaves it to the environment.</param>
/// <param name="Settings">Settings by their environment names, for both.</param>
internal sealed record PairOptions(string? FunctionsKubeconfig, string? ExporterKubeconfig, IReadOnlyDictionary<string, string> Settings);

/// <summary>One of the two programs ended by itself.</summary>
/// <param name="Name">Which.</param>
/// <param name="Code">Its exit code.</param>
internal sealed record Death(string Name, int Code);

/// <summary>The exporter and the functions, wired together over plain HTTP on loopback.</summary>
internal sealed class Pair : IAsyncDisposable
{
    /// <summary>What is left of the five seconds within which everything is to be over, after this, is enough for a kill.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly Child functions;
    private readonly Child exporter;
    private readonly Uri exporterAddress;

    private Pair(Child functions, Child exporter, Uri functionsAddress, Uri exporterAddress, string keyFile)
    {
        this.functions = functions;
        this.exporter = exporter;
        Functions = functionsAddress;
        this.exporterAddress = exporterAddress;
        KeyFile = keyFile;
        Death = DeathAsync();
    }

    /// <summary>Where the functions listen.</summary>
    public Uri Functions { get; }

    /// <summary>Where the key is that the functions accept.</summary>
    public string KeyFile { get; }

    /// <summary>Completes when one of them ends.</summary>
    public Task<Death> Death { get; }

    public int FunctionsProcess => functions.Id;

    public int ExporterProcess => exporter.Id;

    /// <summary>Starts both.</summary>
    /// <param name="programs">What is started.</param>
    /// <param name="options">How.</param>
    /// <param name="instance">Where the key is.</param>
    /// <param name="tell">Gets the log lines: program, line.</param>
    public static async Task<Pair> StartAsync(Programs programs, PairOptions options, Instance instance, Action<string, string> tell)
    {
        var wiring = Wiring.Of(options.Settings, instance.KeyFile);
        var functions = await StartAsync(programs.Functions, options.FunctionsKubeconfig, wiring.Settings, tell);
        try
        {
            var exporter = await StartAsync(programs.Exporter, options.ExporterKubeconfig, wiring.Settings, tell);
            return new Pair(functions, exporter, wiring.Functions, wiring.Exporter, wiring.KeyFile);
        }
        catch
        {
            await functions.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the exporter says that it has converged on what is there.</summary>
    /// <returns>False if one of them ended before that.</returns>
    public async Task<bool> BecomesReadyAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = exporterAddress,
            Timeout = TimeSpan.FromSeconds(5),
        };
        while (!Death.IsCompleted)
        {
            if (await AnswersAsync(client, cancellation))
                return true;
            await Task.Delay(PollInterval, cancellation);
        }
        return false;
    }

    /// <summary>Ends both: the exporter first, so that nobody delivers to a closed door.</summary>
    public async Task StopAsync() => await Task.WhenAll(exporter.StopAsync(Grace), functions.StopAsync(Grace));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await exporter.DisposeAsync();
        await functions.DisposeAsync();
    }

    private static Task<Child> StartAsync(
        string program, string? kubeconfig, IReadOnlyDictionary<string, string> settings, Action<string, string> tell)
    {
        var name = Path.GetFileName(program);
        var environment = new Dictionary<string, string>(settings);
        if (kubeconfig is not null)
            environment["Kubernetes__Kubeconfig"] = kubeconfig;
        return Child.StartAsync(program, [], environment, line => tell(name, line));
    }

    private async Task<Death> DeathAsync()
    {
        var first = await Task.WhenAny(functions.Ended, exporter.Ended);
        return new Death(first == functions.Ended ? functions.Name : exporter.Name, await first);
    }

    private static async Task<bool> AnswersAsync(HttpClient client, CancellationToken cancellation)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/readyz", UriKind.Relative), cancellation);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// How the two find each other, where the user does not say otherwise: addresses and the key, which is in a file and on no command
    /// line.
    /// </summary>
    private sealed record Wiring(IReadOnlyDictionary<string, string> Settings, Uri Functions, Uri Exporter, string KeyFile)
    {
        public static Wiring Of(IReadOnlyDictionary<string, string> chosen, string keyFile)
        {
            var settings = new Dictionary<string, string>(chosen, StringComparer.OrdinalIgnoreCase);
            var functions = Address(settings, "Functions__Listen");
            var exporter = Address(settings, "Exporter__Listen");
            settings.TryAdd("Exporter__Endpoint", new Uri(functions, "/api/events").ToString());
            if (settings.TryGetValue("Functions__Key", out var key))
            {
                PrivateFile.Write(keyFile, key);
            }
            else
            {
                settings.TryAdd("Functions__KeyFile", keyFile);
                keyFile = settings["Functions__KeyFile"];
            }
            if (!settings.ContainsKey("Exporter__Key"))
                settings.TryAdd("Exporter__KeyFile", keyFile);
            return new Wiring(settings, functions, exporter, keyFile);
        }

        private static Uri Address(Dictionary<string, string> settings, string setting)
        {
            settings.TryAdd(setting, $"http://127.0.0.1:{FreePort.Pick()}");
            return Uri.TryCreate(settings[setting], UriKind.Absolute, out var address)
                ? address
                : throw new UserMistakeException(
                    $"setting {setting} is \"{settings[setting]}\", which is not an address such as http://127.0.0.1:7071");
        }
    }
}
