using System.Diagnostics;
using System.Text.RegularExpressions;
using Heliograph.ControlPlane;

namespace Heliograph.Azurite;

/// <summary>
/// Azurite on loopback: blob, queue and table service on ports that the kernel chose, everything in memory. Disposal ends it, and if this
/// process dies it dies with it.
/// </summary>
public sealed partial class LocalAzurite : IAsyncDisposable
{
    /// <summary>The account that every Azurite has; its key is published by its makers and opens nothing else.</summary>
    public const string AccountName = "devstoreaccount1";

    /// <summary>The key of <see cref="AccountName"/>.</summary>
    public const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(3);
    private static readonly string[] Services = ["Blob", "Queue", "Table"];

    private readonly Process process;
    private readonly string directory;
    private readonly Dictionary<string, Uri> addresses = [];
    private readonly List<string> lines = [];
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task pumps;

    private LocalAzurite(Process process, string directory)
    {
        this.process = process;
        this.directory = directory;
        pumps = Task.WhenAll(PumpAsync(process.StandardOutput), PumpAsync(process.StandardError));
    }

    /// <summary>The id of its process.</summary>
    public int ProcessId => process.Id;

    /// <summary>The queue service's address, with the account: <c>http://127.0.0.1:port/devstoreaccount1</c>.</summary>
    public Uri Queues => new(addresses["Queue"], AccountName);

    /// <summary>The blob service's address, with the account.</summary>
    public Uri Blobs => new(addresses["Blob"], AccountName);

    /// <summary>The table service's address, with the account.</summary>
    public Uri Tables => new(addresses["Table"], AccountName);

    /// <summary>What clients take: the account, its key and the three addresses.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={AccountName};AccountKey={AccountKey};BlobEndpoint={Blobs};QueueEndpoint={Queues};TableEndpoint={Tables};";

    /// <summary>Starts it, installing it first where it is missing, and waits until all three services listen.</summary>
    /// <exception cref="AzuriteException">It could not be installed or started; the message says why.</exception>
    public static async Task<LocalAzurite> StartAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var installation = await AzuriteInstallation.LocateAsync(progress, cancellationToken);
        // In memory or not, it writes a file or two where it works.
        var directory = Directory.CreateTempSubdirectory("heliograph-azurite-").FullName;
        string[] session = DeathPact.FindOnPath("setsid") is { } setsid ? [setsid] : [];
        string[] command =
        [
            .. session, .. DeathPact.Prefix("KILL"), "node", installation.Program, "--inMemoryPersistence", "--silent", "--skipApiVersionCheck",
            "--disableTelemetry", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
        ];
        var azurite = new LocalAzurite(
            await DeathPact.StartAsync(new ProcessStartInfo(command[0], command[1..])
            {
                WorkingDirectory = directory,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }),
            directory);
        try
        {
            await azurite.IsReadyAsync(cancellationToken);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it at once and removes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        await Task.WhenAny(pumps, Task.Delay(EndPatience));
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private async Task IsReadyAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartPatience);
        try
        {
            await Task.WhenAny(ready.Task, process.WaitForExitAsync(deadline.Token)).Unwrap();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AzuriteException($"Azurite does not listen within {StartPatience.TotalSeconds:0} s. It said:\n{Said}");
        }
        if (!ready.Task.IsCompleted)
            throw new AzuriteException($"Azurite ended with exit code {process.ExitCode} before it listened. It said:\n{Said}");
    }

    private string Said
    {
        get
        {
            lock (lines)
                return string.Join('\n', lines.Select(line => "  | " + line));
        }
    }

    private async Task PumpAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            Read(line);
    }

    private void Read(string line)
    {
        lock (lines)
        {
            if (ready.Task.IsCompleted)
                return;
            lines.Add(line);
            if (Listening().Match(line) is { Success: true } match)
                addresses[match.Groups[1].Value] = new Uri(match.Groups[2].Value);
            if (Services.All(addresses.ContainsKey))
                ready.SetResult();
        }
    }

    [GeneratedRegex(@"^Azurite (\w+) service is successfully listening at (http://\S+)$")]
    private static partial Regex Listening();
}
