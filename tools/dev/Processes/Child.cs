using System.Diagnostics;
using Heliograph.ControlPlane;

namespace Heliograph.Dev.Processes;

/// <summary>
/// A program that we started and that ends with us, however we end: the kernel kills it when we are gone (<c>setpriv --pdeathsig</c>). It
/// has a session of its own, so that Ctrl-C reaches us alone and we decide in which order things end.
/// </summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task output;

    private Child(string name, Process process, Action<string> tell)
    {
        Name = name;
        this.process = process;
        output = Task.WhenAll(PumpAsync(process.StandardOutput, tell), PumpAsync(process.StandardError, tell));
        Ended = EndAsync();
    }

    public string Name { get; }

    public int Id => process.Id;

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path, or its name in the <c>PATH</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What is added to our environment.</param>
    /// <param name="tell">Gets each line of its outputs.</param>
    public static async Task<Child> StartAsync(
        string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, Action<string> tell)
    {
        string[] session = Tool.Find("setsid") is { } setsid ? [setsid] : [];
        string[] command = [.. session, .. DeathPact.Prefix("KILL"), program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = await DeathPact.StartAsync(start);
        process.StandardInput.Close();
        return new Child(Path.GetFileName(program), process, tell);
    }

    /// <summary>Asks it to end, and kills it if it has not in time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (!process.HasExited)
            Signals.Send(process.Id, Signals.Terminate);
        try
        {
            await Ended.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<int> EndAsync()
    {
        await process.WaitForExitAsync();
        // Whoever inherited the pipes may keep them open for ever.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromMilliseconds(200)));
        return process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> tell)
    {
        while (await reader.ReadLineAsync() is { } line)
            tell(line);
    }
}
