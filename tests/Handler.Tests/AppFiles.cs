using System.Globalization;
using System.Text.Json.Nodes;
using Heliograph.Dev;
using Heliograph.Dev.Executables;
using Heliograph.Functions;
using Heliograph.Handler.Triggers;

namespace Heliograph.Handler.Tests;

/// <summary>The files of the function app fit the program, and each other.</summary>
public sealed class AppFiles(World world)
{
    /// <summary>After this long the host kills the process with all that it does.</summary>
    public static TimeSpan FunctionTimeout => TimeSpan.Parse(Read(Repository.At("host.json"))["functionTimeout"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static IEnumerable<string> FunctionFolders => Directory.GetDirectories(Repository.At("functions", "CustomHandler", "functions"));

    [Fact]
    public void The_published_folder_is_a_function_app()
    {
        var published = Directory.GetFiles(world.App, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(world.App, file));
        Assert.Equal(
            FunctionFolders.Select(folder => $"{Path.GetFileName(folder)}/{FunctionApp.FunctionFile}").Append(FunctionApp.HostFile).Append(FunctionApp.ProgramName)
                .Order(StringComparer.Ordinal),
            published.Order(StringComparer.Ordinal));
        Assert.True(File.GetUnixFileMode(world.Program).HasFlag(UnixFileMode.OtherExecute | UnixFileMode.UserExecute));
        Assert.Equal(FunctionApp.ProgramName, Read(Path.Combine(world.App, "host.json"))["customHandler"]!["description"]!["defaultExecutablePath"]!.GetValue<string>());
    }

    [Fact]
    public void Every_function_has_its_binding_in_the_program_by_exactly_its_name()
    {
        var byName = FunctionFolders.ToDictionary(folder => Path.GetFileName(folder), folder => Bindings(folder).First());
        var called = byName.Where(function => Type(function.Value) != "httpTrigger").ToDictionary(function => function.Key, function => Text(function.Value, "name"));
        Assert.Equal(called.OrderBy(pair => pair.Key, StringComparer.Ordinal), Invocations.Bindings.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(
            ["eventGridTrigger", "queueTrigger", "timerTrigger"],
            ((string[])[Invocations.OnEvent, Invocations.OnQueue, Invocations.Sweeping]).Select(name => Type(byName[name])));
    }

    [Fact]
    public async Task Every_http_function_has_its_route_and_nothing_else_is_to_be_handed_through()
    {
        await using var host = await world.HostAsync();
        var prefix = Read(Repository.At("host.json"))["extensions"]!["http"]!["routePrefix"]!.GetValue<string>();
        foreach (var folder in FunctionFolders.Where(folder => Type(Bindings(folder).First()) == "httpTrigger"))
        {
            var bindings = Bindings(folder).ToArray();
            // The host hands through functions with exactly one httpTrigger and one http output.
            Assert.Equal(["httpTrigger in", "http out"], bindings.Select(binding => $"{Type(binding)} {Text(binding, "direction")}"));
            Assert.Equal("anonymous", Text(bindings[0], "authLevel"));
            foreach (var method in bindings[0]["methods"]!.AsArray().Select(node => node!.GetValue<string>()))
            {
                var path = Text(bindings[0], "route").Replace("{id}", "0", StringComparison.Ordinal);
                using var answer = await host.ProxyAsync(HttpMethod.Parse(method), $"/{prefix}/{path}");
                Assert.NotEqual(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
                Assert.NotEqual(System.Net.HttpStatusCode.MethodNotAllowed, answer.StatusCode);
            }
        }
    }

    [Fact]
    public void Everything_that_runs_gives_up_before_the_host_does()
    {
        Assert.True(Work.Deadline + Gate.Patience < TimeSpan.FromSeconds(30), "Event Grid waits 30 s");
        Assert.True(Gate.Patience + (Work.Deadline * Invocations.SweepRuns) < FunctionTimeout, "the host waits functionTimeout");
    }

    [Fact]
    public void The_sample_of_the_local_settings_has_every_setting_that_the_function_app_reads()
    {
        var sample = Read(Repository.At("local.settings.sample.json"))["Values"]!.AsObject().Select(value => value.Key);
        var ofTheHost = (string[])["AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"];
        Assert.Equal(HandlerApp.Settings.Select(setting => setting.Name).Concat(ofTheHost).Order(StringComparer.Ordinal), sample.Order(StringComparer.Ordinal));
    }

    private static JsonNode Read(string path) => JsonNode.Parse(File.ReadAllText(path))!;

    private static IEnumerable<JsonNode> Bindings(string folder) => Read(Path.Combine(folder, FunctionApp.FunctionFile))["bindings"]!.AsArray().Select(node => node!);

    private static string Type(JsonNode binding) => Text(binding, "type");

    private static string Text(JsonNode binding, string member) => binding[member]!.GetValue<string>();
}
