using System.Collections.Concurrent;
using Heliograph.Dev.Processes;

namespace Heliograph.Chain.Tests;

/// <summary>One of the two programs as it ships, which can be killed and started again, and everything it ever said.</summary>
internal sealed class RealProgram(string path, IReadOnlyDictionary<string, string> environment, Uri address) : IAsyncDisposable
{
    private const int EvidenceLines = 100;

    private readonly HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
    private readonly ConcurrentQueue<string> lines = new();
    private Child? child;

    /// <summary>Everything that all its processes wrote to both outputs.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    /// <summary>The last it said.</summary>
    public string Evidence => $"--- {Path.GetFileName(path)}\n{string.Join('\n', lines.TakeLast(EvidenceLines))}";

    public async Task StartAsync()
    {
        if (child is { Ended.IsCompleted: false })
            return;
        if (child is not null)
            await child.DisposeAsync();
        child = await Child.StartAsync(path, [], environment, lines.Enqueue);
    }

    /// <summary>SIGKILL, by its id.</summary>
    public async Task KillAsync()
    {
        if (child is not null)
            await child.DisposeAsync();
        child = null;
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await child!.StopAsync(TimeSpan.FromSeconds(30));
        var code = await child.Ended;
        await KillAsync();
        return code;
    }

    /// <summary>What it says of its readiness; null where it is ready.</summary>
    public async Task<string?> ObstacleAsync()
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode ? null : await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        http.Dispose();
    }
}
