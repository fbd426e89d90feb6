using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Heliograph.Functions.Tests.Events;

namespace Heliograph.Bus.Tests.EndToEnd;

/// <summary>What both programs log for collectors, as they ship.</summary>
[Collection(nameof(RealCluster))]
public sealed class LogTests(RealCluster cluster)
{
    private const string Test = "logs";
    private const string Password = "canary-of-a-password";
    private const string Key = "canary-of-a-key";
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private static readonly (string, string)[] Json = [("Logging__Format", "json"), ("Logging__LogLevel__Default", "Debug"), ("Logging__LogLevel__Microsoft.AspNetCore", "Information")];

    private (string Name, string Value) Kubeconfig => ("Kubernetes__Kubeconfig", cluster.Kubeconfig);

    [Fact]
    public async Task Every_line_is_an_object_that_says_of_what_it_is_part_and_holds_no_secret()
    {
        await cluster.NamespacesAsync(Test, 1);
        await using var functions = await RunningProgram.FunctionsAsync([Kubeconfig, ("Functions__Key", Key), .. Json]);
        await using var exporter = await RunningProgram.ExporterAsync(
            [Kubeconfig, ("Exporter__Endpoint", new Uri(functions.Address, "/api/events").ToString()), ("Exporter__Key", Key), .. Json]);
        await exporter.BecomesReadyAsync();
        await cluster.PutSourceAsync(Test, "registry", Password);
        await cluster.IsMirroredAsync(Test, 1, "registry", Password);
        Assert.Equal(0, await exporter.StopAsync());
        await cluster.PutSourceAsync(Test, "registry", Password + "-again");
        await SayAsync(functions, Key, HttpStatusCode.NoContent, CloudEventText.Of(CloudEventText.SourceChanged("Secret", $"{Test}-origin", "registry"))
            .Replace("\"specversion\"", $"\"traceparent\":\"00-{TraceId}-b7ad6b7169203331-01\",\"specversion\"", StringComparison.Ordinal));
        await SayAsync(functions, "another-" + Key, HttpStatusCode.Unauthorized, "{}");
        await SayAsync(functions, Key, HttpStatusCode.BadRequest, $$"""{"data":"{{Password}}"}""");
        Assert.Equal(0, await functions.StopAsync());

        JsonElement[] lines = [.. Read(functions), .. Read(exporter)];
        Assert.All(lines, line =>
        {
            Assert.True(DateTimeOffset.TryParse(line.GetProperty("Timestamp").GetString(), out var at) && at.Offset == TimeSpan.Zero);
            Assert.Contains(line.GetProperty("LogLevel").GetString(), (string[])["Trace", "Debug", "Information", "Warning", "Error", "Critical"]);
            Assert.Equal(JsonValueKind.Number, line.GetProperty("EventId").ValueKind);
            Assert.NotEmpty(line.GetProperty("Category").GetString()!);
            Assert.NotEmpty(line.GetProperty("Message").GetString()!);
        });
        var changes = lines.Where(line => line.GetProperty("Message").GetString()!.Contains("1 changed in", StringComparison.Ordinal) && Mentions(line, Test)).ToArray();
        Assert.All(changes, change => Assert.Equal(
            ("Heliograph.Functions.Work", 1, 32), (change.GetProperty("Category").GetString(), change.GetProperty("State").GetProperty("Count").GetInt32(), TraceOf(change)!.Length)));
        // What the exporter saw is in another trace than what was said by hand.
        Assert.Equal([false, true], changes.Select(change => TraceOf(change) == TraceId));
        Assert.Contains(lines, line => line.GetProperty("LogLevel").GetString() == "Warning" && Mentions(line, "can never be read"));
        foreach (var secret in (string[])[Password, Convert.ToBase64String(Encoding.UTF8.GetBytes(Password)), Key])
            Assert.DoesNotContain(lines, line => Mentions(line, secret));
    }

    [Fact]
    public async Task A_format_that_there_is_not_is_told_at_the_start()
    {
        await using var functions = await RunningProgram.FunctionsAsync(Kubeconfig, ("Logging__Format", "xml"));
        await using var exporter = await RunningProgram.ExporterAsync(Kubeconfig, ("Exporter__Endpoint", "http://localhost/api/events"), ("Exporter__Key", "k"), ("Logging__Format", "xml"));

        foreach (var program in (RunningProgram[])[functions, exporter])
            await Eventually.IsAsync(() => Task.FromResult(program.Errors.Contains("setting Logging__Format is \"xml\", which is not text or json", StringComparison.Ordinal)), program.Errors);
    }

    private static async Task SayAsync(RunningProgram functions, string key, HttpStatusCode answer, string body)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/cloudevents+json");
        // In the address, as Event Grid presents it.
        using var response = await http.PostAsync(new Uri(functions.Address, $"/api/events?code={key}"), content, TestContext.Current.CancellationToken);
        Assert.Equal(answer, response.StatusCode);
    }

    private static JsonElement[] Read(RunningProgram program)
    {
        JsonElement[] lines = [.. program.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Equal(JsonValueKind.Object, line.ValueKind));
        return lines;
    }

    private static bool Mentions(JsonElement line, string text) => line.GetRawText().Contains(text, StringComparison.Ordinal);

    private static string? TraceOf(JsonElement line) =>
        line.TryGetProperty("Scopes", out var scopes)
            ? scopes.EnumerateArray().Where(scope => scope.ValueKind == JsonValueKind.Object && scope.TryGetProperty("TraceId", out _)).Select(scope => scope.GetProperty("TraceId").GetString()).LastOrDefault()
            : null;
}
