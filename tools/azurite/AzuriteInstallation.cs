using System.Diagnostics;
using Heliograph.ControlPlane;

namespace Heliograph.Azurite;

/// <summary>Where Azurite is; runs <c>install</c>, which alone knows where the cache is and whether it is good.</summary>
/// <param name="Directory">The directory that holds its <c>node_modules</c>.</param>
public sealed record AzuriteInstallation(string Directory)
{
    private const int LastLines = 20;

    /// <summary>The script that starts the blob, the queue and the table service.</summary>
    public string Program => Path.Combine(Directory, "node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>Finds it in the user's cache; installs it first where it is missing, with a line of progress now and then.</summary>
    /// <exception cref="AzuriteException">It cannot be installed; the message says why.</exception>
    public static async Task<AzuriteInstallation> LocateAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "azurite", "install");
        string[] command = [.. DeathPact.Prefix("TERM"), "bash", script];
        using var process = await StartAsync(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true });
        var directory = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var told = TellAsync(process.StandardError, progress);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // It removes what it has half done, then ends.
            Signals.Send(process.Id, Signals.Terminate);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }
        var lines = await told;
        return process.ExitCode == 0
            ? new AzuriteInstallation((await directory).Trim())
            : throw new AzuriteException($"installing Azurite failed with exit code {process.ExitCode}:\n{string.Join('\n', lines)}");
    }

    private static async Task<Process> StartAsync(ProcessStartInfo start)
    {
        try
        {
            return await DeathPact.StartAsync(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new AzuriteException($"{start.FileName} cannot be run: {e.Message}", e);
        }
    }

    private static async Task<IReadOnlyCollection<string>> TellAsync(StreamReader reader, IProgress<string>? progress)
    {
        var last = new Queue<string>();
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            progress?.Report(line);
            last.Enqueue(line);
            if (last.Count > LastLines)
                last.Dequeue();
        }
        return last;
    }
}
