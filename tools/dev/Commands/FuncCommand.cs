using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Heliograph.Azurite;
using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev func</c>: the function app, published and started in the Azure Functions host that the user has.</summary>
internal static class FuncCommand
{
    private const string Storage = "AzureWebJobsStorage";

    public static Command Create()
    {
        var only = new Option<string?>("--publish-only")
        {
            HelpName = "DIR",
            Description = "Publish the function app into this directory and start nothing: what is deployed to Azure.",
        };
        var port = new Option<int>("--port") { HelpName = "N", Description = "Where the Functions host listens.", DefaultValueFactory = _ => 7071 };
        var kubeconfig = CommonOptions.Kubeconfig("The cluster that the functions work in. Default: $KUBECONFIG.");
        var set = CommonOptions.Set();
        var jit = CommonOptions.Jit();
        var command = new Command(
            "func",
            "Publishes the function app and starts it in the Azure Functions host, with an Azurite of its own, or the storage account that $AzureWebJobsStorage names. "
            + "Needs the Azure Functions Core Tools (func) in the PATH; where they are missing it says how to get them. Exit codes: 0 after SIGTERM or Ctrl-C, 1 if the host ended by itself, 2 for a mistake in "
            + "what was asked.")
        {
            only, port, kubeconfig, set, jit,
        };
        command.SetAction(async (parsed, cancellation) => parsed.GetValue(only) is { } directory
            ? await PublishAsync(Path.GetFullPath(directory), parsed.GetValue(jit), cancellation)
            : await StartAsync(
                parsed.GetValue(port), parsed.GetValue(kubeconfig), ProgramSettings.Read(parsed.GetValue(set) ?? []), parsed.GetValue(jit), cancellation));
        return command;
    }

    private static async Task<int> PublishAsync(string directory, bool jit, CancellationToken cancellation)
    {
        await FunctionApp.PublishAsync(directory, jit, cancellation);
        await Console.Out.WriteLineAsync(directory);
        return ExitCode.Done;
    }

    private static async Task<int> StartAsync(
        int port, string? kubeconfig, IReadOnlyDictionary<string, string> settings, bool jit, CancellationToken cancellation)
    {
        var cluster = CommonOptions.Checked(kubeconfig);
        var directory = Repository.Work("func");
        await FunctionApp.PublishAsync(directory, jit, cancellation);
        if (Tool.Find("func") is not { } func)
        {
            throw new UserMistakeException(
                $"""
                there is no func in the PATH: the Azure Functions host is not part of this repository.
                Install the Azure Functions Core Tools, version 4: npm install -g azure-functions-core-tools@4 --unsafe-perm true
                (other ways: https://learn.microsoft.com/azure/azure-functions/functions-run-local), and start this command again.
                The function app lies ready in {directory}.
                """);
        }
        try
        {
            var storage = Environment.GetEnvironmentVariable(Storage);
            await using var azurite = storage is { Length: > 0 } ? null : await LocalAzurite.StartAsync(Progress.ToStderr, cancellation);
            Configure(Path.Combine(directory, "local.settings.json"), azurite?.ConnectionString ?? storage!, cluster, settings);
            await using var host = await Child.StartAsync(
                func, ["start", "--script-root", directory, "--port", port.ToString(CultureInfo.InvariantCulture)], [], line => LogLines.ToStderr("func", line));
            var code = await host.Ended.WaitAsync(cancellation);
            await Console.Error.WriteLineAsync($"dev: func ended with exit code {code}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
    }

    /// <summary>Writes local.settings.json from the sample, keeping a key that is there from the last time.</summary>
    private static void Configure(string file, string storage, string? kubeconfig, IReadOnlyDictionary<string, string> settings)
    {
        var root = JsonNode.Parse(File.ReadAllText(Repository.At("local.settings.sample.json")))!.AsObject();
        var sample = root["Values"]!.AsObject();
        var earlier = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))?["Values"]?["Functions__Key"]?.GetValue<string>() : null;
        var values = sample.ToDictionary(value => value.Key, value => value.Value!.GetValue<string>());
        values["Functions__Key"] = earlier is { Length: > 0 } key ? key : Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        if (kubeconfig is not null)
            values["Kubernetes__Kubeconfig"] = kubeconfig;
        values[Storage] = storage;
        foreach (var (name, value) in settings)
            values[name] = value;
        root["Values"] = new JsonObject(values.Select(value => KeyValuePair.Create<string, JsonNode?>(value.Key, value.Value)));
        PrivateFile.Write(file, root.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true }));
    }
}
