using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Heliograph.Dev.Processes;
using Heliograph.Hosting;

namespace Heliograph.Dev.Commands;

/// <summary>
/// <c>./dev resync</c>: asks the functions of a running <c>up</c> or <c>run</c> to look at everything, a namespace or an object.
/// </summary>
internal static class ResyncCommand
{
    public static Command Create()
    {
        var ns = new Option<string?>("--namespace", "-n")
        {
            HelpName = "NAMESPACE",
            Description = "Look at this namespace alone; with --kind and --name, at this object.",
        };
        var kind = new Option<string?>("--kind") { HelpName = "KIND", Description = "Secret, ConfigMap, …" };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "The object's name." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what would be done, and do nothing." };
        var json = new Option<bool>("--json") { Description = "Answer in JSON." };
        var process = new Option<int?>("--process")
        {
            HelpName = "ID",
            Description = "Which ./dev up or ./dev run is asked, by its process id, where several run.",
        };
        var command = new Command("resync", "Asks a running ./dev up or ./dev run to look at everything without any event, and tells what came of it.")
        {
            ns, kind, name, dryRun, json, process,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var instance = Choose(parsed.GetValue(process));
            string[] query =
            [
                .. Parameter("namespace", parsed.GetValue(ns)), .. Parameter("kind", parsed.GetValue(kind)), .. Parameter("name", parsed.GetValue(name)),
                parsed.GetValue(dryRun) ? "dryRun=true" : "dryRun=false",
            ];
            return AskAsync(instance, string.Join('&', query), parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static string[] Parameter(string name, string? value) => value is null ? [] : [$"{name}={Uri.EscapeDataString(value)}"];

    private static Instance Choose(int? process)
    {
        var running = Instance.Running();
        var chosen = process is null ? running : [.. running.Where(instance => instance.Owner.Id == process)];
        return chosen switch
        {
            [var one] => one,
            [] when process is not null => throw new UserMistakeException($"no ./dev up or ./dev run has the process id {process}.{List(running)}"),
            [] => throw new UserMistakeException("neither ./dev up nor ./dev run is running: start one first."),
            _ => throw new UserMistakeException($"several are running: choose one by --process.{List(running)}"),
        };
    }

    private static string List(IReadOnlyList<Instance> running) =>
        string.Concat(running.Select(instance => string.Create(CultureInfo.InvariantCulture, $"\n  --process {instance.Owner.Id}: {instance.What}")));

    private static async Task<int> AskAsync(Instance instance, string query, bool json, CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(instance.Functions!, $"/api/resync?{query}"));
        request.Headers.Add(SharedKey.HeaderName, SharedKey.InFile(instance.KeyFile).Current());
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(json ? "application/json" : "text/plain"));
        try
        {
            using var response = await client.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            var (output, code) = response.StatusCode switch
            {
                HttpStatusCode.OK => (Console.Out, ExitCode.Done),
                HttpStatusCode.BadRequest => (Console.Error, ExitCode.UsersMistake),
                HttpStatusCode.ServiceUnavailable => (Console.Out, ExitCode.Failed),
                _ => (Console.Error, ExitCode.Failed),
            };
            await output.WriteAsync(text.EndsWith('\n') ? text : text + "\n");
            return code;
        }
        catch (HttpRequestException e)
        {
            throw new DevException($"the functions at {instance.Functions} do not answer: {e.Message}");
        }
    }
}
