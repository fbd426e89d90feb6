using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Heliograph.ControlPlane;
using Heliograph.Dev.Processes;
using Heliograph.Hosting;

namespace Heliograph.Dev.Benchmarks;

/// <summary>How long it takes from the start of the functions' process until its first event is handled: what a cold start costs.</summary>
internal sealed class StartUp(string program, string kubeconfig, string keyFile)
{
    private const string Changed =
        """{"specversion":"1.0","id":"1","source":"/bench","type":"dev.heliograph.object.changed","data":{"object":"Secret/default/not-there","source":true}}""";

    /// <summary>Starts the program, sends it one event as early as it takes one, and ends it.</summary>
    public async Task<TimeSpan> MeasureAsync(CancellationToken cancellation)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Pick()}");
        var settings = new Dictionary<string, string>
        {
            ["Functions__Listen"] = address.ToString(),
            ["Functions__KeyFile"] = keyFile,
            ["Kubernetes__Kubeconfig"] = kubeconfig,
        };
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add(SharedKey.HeaderName, (await File.ReadAllTextAsync(keyFile, cancellation)).Trim());
        var began = Stopwatch.GetTimestamp();
        await using var child = await Child.StartAsync(program, [], settings, _ => { });
        while (!await IsHandledAsync(client, cancellation))
        {
            if (child.Ended.IsCompleted)
                throw new DevException($"{program} ended while its start was measured");
            await Task.Delay(1, cancellation);
        }
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<bool> IsHandledAsync(HttpClient client, CancellationToken cancellation)
    {
        using var content = new StringContent(Changed, Encoding.UTF8, new MediaTypeHeaderValue("application/cloudevents+json"));
        try
        {
            using var response = await client.PostAsync(new Uri("/api/events", UriKind.Relative), content, cancellation);
            return response.IsSuccessStatusCode ? true : throw new DevException($"the functions answer {(int)response.StatusCode} to the first event");
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
