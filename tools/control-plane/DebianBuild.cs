using System.Diagnostics;

namespace Heliograph.ControlPlane;

/// <summary>Runs <c>build-from-debian</c>, which alone knows where the cache is and whether it is good.</summary>
internal static class DebianBuild
{
    private const int LastLines = 20;
    private const string Instead = $"Or set ${ControlPlaneAssets.DirectoryVariable} to a directory with the binaries.";

    public static async Task<string> RunAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "control-plane", "build-from-debian");
        if (!File.Exists(script))
            throw new ControlPlaneException($"{script} is missing: build the project again. {Instead}");
        using var process = await StartAsync(script).ConfigureAwait(false);
        var directory = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var told = TellAsync(process.StandardError, progress);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It removes what it has half done, then ends.
            Signals.Send(process.Id, Signals.Terminate);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        var lines = await told.ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            var end = string.Join('\n', lines);
            throw new ControlPlaneException($"building the control plane failed with exit code {process.ExitCode}:\n{end}");
        }

        return (await directory.ConfigureAwait(false)).Trim();
    }

    private static async Task<Process> StartAsync(string script)
    {
        string[] command = [.. DeathPact.Prefix("TERM"), "bash", script];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command[1..])
            start.ArgumentList.Add(argument);
        try
        {
            return await DeathPact.StartAsync(start).ConfigureAwait(false);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new ControlPlaneException($"cannot run bash for {script}: install it. {Instead}", error);
        }
    }

    private static async Task<IReadOnlyCollection<string>> TellAsync(StreamReader reader, IProgress<string>? progress)
    {
        var last = new Queue<string>();
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            progress?.Report(line);
            last.Enqueue(line);
            if (last.Count > LastLines)
                last.Dequeue();
        }

        return last;
    }
}
