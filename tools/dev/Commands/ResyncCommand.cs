using System.CommandLine;
using Heliograph.Dev.Processes;
using Heliograph.Functions;

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
        var (json, process) = (FunctionsApi.Json(), FunctionsApi.Process());
        var command = new Command("resync", "Asks a running ./dev up or ./dev run to look at everything without any event, and tells what came of it.")
        {
            ns, kind, name, dryRun, json, process,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var query = ObjectQuery.QueryOf(
                ("namespace", parsed.GetValue(ns)), ("kind", parsed.GetValue(kind)), ("name", parsed.GetValue(name)),
                ("dryRun", parsed.GetValue(dryRun) ? "true" : "false"));
            return FunctionsApi.Choose(parsed.GetValue(process)).AskAsync(HttpMethod.Post, $"/api/resync?{query}", parsed.GetValue(json), cancellation);
        });
        return command;
    }
}
