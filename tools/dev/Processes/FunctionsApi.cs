using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Heliograph.Hosting;

namespace Heliograph.Dev.Processes;

/// <summary>The HTTP interface of the functions that a running <c>up</c> or <c>run</c> has started, for commands that only ask and print.</summary>
internal sealed class FunctionsApi
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How long an answer is waited for in one request; then it is asked for again.</summary>
    private const string Wait = "wait=60";

    private readonly Instance instance;

    private FunctionsApi(Instance instance) => this.instance = instance;

    /// <summary>The option by which one of several is chosen.</summary>
    public static Option<int?> Process() => new("--process")
    {
        HelpName = "ID",
        Description = "Which ./dev up or ./dev run is asked, by its process id, where several run.",
    };

    /// <summary>The option for programs.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Answer in JSON." };

    /// <summary>The one that runs, or the one that is meant.</summary>
    /// <exception cref="UserMistakeException">There is none, or there are several.</exception>
    public static FunctionsApi Choose(int? process)
    {
        var running = Instance.Running();
        var chosen = process is null ? running : [.. running.Where(instance => instance.Owner.Id == process)];
        return chosen switch
        {
            [var one] => new FunctionsApi(one),
            [] when process is not null => throw new UserMistakeException($"no ./dev up or ./dev run has the process id {process}.{List(running)}"),
            [] => throw new UserMistakeException("neither ./dev up nor ./dev run is running: start one first."),
            _ => throw new UserMistakeException($"several are running: choose one by --process.{List(running)}"),
        };
    }

    /// <summary>Asks, prints the answer where it belongs, and says how it went.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="DevException">Nobody answers.</exception>
    public async Task<int> AskAsync(HttpMethod method, string path, bool json, CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
        var address = new Uri(instance.Functions!, path);
        try
        {
            while (true)
            {
                using var response = await SendAsync(client, method, address, json, cancellation);
                if (response.StatusCode != HttpStatusCode.Accepted)
                    return await PrintAsync(response, cancellation);
                (method, address) = (HttpMethod.Get, new Uri(address, response.Headers.GetValues("Operation-Location").First()));
            }
        }
        catch (HttpRequestException e)
        {
            throw new DevException($"the functions at {instance.Functions} do not answer: {e.Message}");
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DevException($"the functions at {instance.Functions} have not answered within {Patience.TotalMinutes} minutes");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, Uri address, bool json, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Add(SharedKey.HeaderName, SharedKey.InFile(instance.KeyFile).Current());
        request.Headers.Add("Prefer", Wait);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(json ? "application/json" : "text/plain"));
        return await client.SendAsync(request, cancellation);
    }

    private static async Task<int> PrintAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var (output, code) = response.StatusCode switch
        {
            HttpStatusCode.OK => (Console.Out, ExitCode.Done),
            HttpStatusCode.BadRequest => (Console.Error, ExitCode.UsersMistake),
            // An answer all the same: what is missing, or what could not be done.
            HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable => (Console.Out, ExitCode.Failed),
            _ => (Console.Error, ExitCode.Failed),
        };
        await output.WriteAsync(text.EndsWith('\n') ? text : text + "\n");
        return code;
    }

    private static string List(IReadOnlyList<Instance> running) =>
        string.Concat(running.Select(instance => string.Create(CultureInfo.InvariantCulture, $"\n  --process {instance.Owner.Id}: {instance.What}")));
}
