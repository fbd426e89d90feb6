using System.CommandLine;
using Heliograph.Dev.Processes;
using Heliograph.Functions;

namespace Heliograph.Dev.Commands;

/// <summary>
/// <c>./dev explain</c>: asks the functions of a running <c>up</c> or <c>run</c> what is mirrored where, and why, or why not. Nothing is written.
/// </summary>
internal static class ExplainCommand
{
    private const string Usage = "say what to explain: ./dev explain KIND NAMESPACE/NAME [--in NAMESPACE], or ./dev explain --namespace NAMESPACE";

    public static Command Create()
    {
        var kind = new Argument<string?>("KIND") { Arity = ArgumentArity.ZeroOrOne, Description = "The object's kind: Secret, ConfigMap, …" };
        var name = new Argument<string?>("NAMESPACE/NAME") { Arity = ArgumentArity.ZeroOrOne, Description = "The object, be it a source, a mirror or neither." };
        var other = new Option<string?>("--in") { HelpName = "NAMESPACE", Description = "Ask about this namespace alone: would the object be mirrored there, and why (not)?" };
        var ns = new Option<string?>("--namespace", "-n") { HelpName = "NAMESPACE", Description = "Explain a namespace instead: every mirror that is or could be in it." };
        var (json, process) = (FunctionsApi.Json(), FunctionsApi.Process());
        var command = new Command("explain", "Asks a running ./dev up or ./dev run what is mirrored where and why: by which rule, pattern or label, or for which conflict not. Writes nothing.")
        {
            kind, name, other, ns, json, process,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var query = Query(parsed.GetValue(kind), parsed.GetValue(name), parsed.GetValue(other), parsed.GetValue(ns));
            return FunctionsApi.Choose(parsed.GetValue(process)).AskAsync(HttpMethod.Get, $"/api/explain?{query}", parsed.GetValue(json), cancellation);
        });
        return command;
    }

    /// <summary>The question as the functions take it.</summary>
    /// <exception cref="UserMistakeException">It is none.</exception>
    internal static string Query(string? kind, string? name, string? other, string? ns) => (kind, name, other, ns) switch
    {
        (null, null, null, { Length: > 0 }) => ObjectQuery.QueryOf(("namespace", ns)),
        ({ Length: > 0 }, { } text, _, null) when text.Split('/') is [{ Length: > 0 } space, { Length: > 0 } called] && other is not "" =>
            ObjectQuery.QueryOf(("kind", kind), ("namespace", space), ("name", called), ("in", other)),
        ({ Length: > 0 }, { } text, _, null) when other is not "" => throw new UserMistakeException($"\"{text}\" does not name an object: write NAMESPACE/NAME, such as platform/registry."),
        (not null, null, _, null) => throw new UserMistakeException($"which {kind}? {Usage}."),
        _ => throw new UserMistakeException($"{Usage}."),
    };
}
