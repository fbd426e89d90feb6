using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Heliograph.ControlPlane;

namespace Heliograph.Handler.Tests;

/// <summary>
/// A host protocol stub, not the Azure Functions host: it does to a handler what the host's source does. It starts the program on a free port with the
/// host's environment, polls it, invokes, judges, and kills.
/// </summary>
internal sealed class HostProtocolStub : IAsyncDisposable
{
    public const string Key = "the-key";

    /// <summary>customHandler's initializationTimeout, by default.</summary>
    private static readonly TimeSpan InitializationTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly HttpClient client;

    private HostProtocolStub(Process process, int port)
    {
        this.process = process;
        Port = port;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = true, MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromMinutes(6),
        };
    }

    public int Port { get; }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public HttpClient Http => client;

    public string Output => Text(output);

    public string Errors => Text(errors);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the program as the host does; it is not ready yet.</summary>
    /// <param name="program">The published program.</param>
    /// <param name="settings">App settings and what else is in the environment.</param>
    public static HostProtocolStub Start(string program, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var port = FreePort.Pick();
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program) };
        Prepare(start, port, settings);
        return new HostProtocolStub(Process.Start(start)!, port);
    }

    /// <summary>What the host puts into the child's environment: its own five variables, and everything else is inherited.</summary>
    public static void Prepare(ProcessStartInfo start, int port, IEnumerable<KeyValuePair<string, string>> settings)
    {
        start.Environment.Remove("KUBECONFIG");
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["FUNCTIONS_HTTPWORKER_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = "worker";
        start.Environment["FUNCTIONS_HTTPWORKER_ID"] = "worker";
        start.Environment["FUNCTIONS_APP_ROOT_PATH"] = start.WorkingDirectory;
        // What the host's image sets for the host itself.
        start.Environment["ASPNETCORE_URLS"] = "http://+:80";
        start.Environment["ASPNETCORE_CONTENTROOT"] = "/azure-functions-host";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
    }

    /// <summary>Polls <c>/</c> until anything answers, as the host does.</summary>
    /// <returns>The first answer's status; null where the process ended or did not answer in time.</returns>
    public async Task<int?> BecomesReadyAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(began) < InitializationTimeout)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), Cancellation);
                return (int)answer.StatusCode;
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException)
            {
                await Task.Delay(PollInterval, Cancellation);
            }
        }
        return null;
    }

    /// <summary>Invokes a function that is not proxied: chunked, without Content-Length, in the host's serialization.</summary>
    public async Task<Invoked> InvokeAsync(string function, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/" + function, UriKind.Relative)) { Content = new Chunked(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        request.Headers.Add("X-Azure-Functions-HostVersion", "4.1037.0.0");
        request.Headers.Add("User-Agent", "Azure-Functions-Host/4.1037.0.0");
        try
        {
            using var answer = await client.SendAsync(request, Cancellation);
            return Invoked.Of((int)answer.StatusCode, answer.Content.Headers.ContentType, await answer.Content.ReadAsStringAsync(Cancellation));
        }
        catch (HttpRequestException)
        {
            return new Invoked.Broken();
        }
    }

    /// <summary>Hands a request through to an HTTP function, as enableProxyingHttpRequest does.</summary>
    public async Task<HttpResponseMessage> ProxyAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
            request.Content = new StringContent(body);
        foreach (var (name, value) in headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }
        return await client.SendAsync(request, Cancellation);
    }

    public void Signal(int signal) => Signals.Send(process.Id, signal);

    public async Task<int?> EndsAsync(TimeSpan within)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(within);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
            text.Append(line).Append('\n');
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private sealed class Chunked(string body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
