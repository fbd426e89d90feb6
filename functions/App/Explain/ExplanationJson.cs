using System.Text.Json;
using Heliograph.Engine;
using Heliograph.Rules;

namespace Heliograph.Functions.Explain;

/// <summary>An explanation for programs: every cell on its own, nothing grouped or cut.</summary>
internal static class ExplanationJson
{
    public static byte[] Of(Explanation explanation) => JsonText.Object(json =>
    {
        WriteQuestion(json, explanation.Question);
        if (explanation.Missing is { } missing)
            json.WriteString("problem", $"{missing} does not exist");
        if (!explanation.Namesakes.IsEmpty)
            WriteTexts(json, "namesakes", explanation.Namesakes.Select(place => place.ToString()));
        if (explanation.Role is { } role)
            WriteRole(json, role);
        WriteCells(json, "asSource", explanation.AsSource);
        WriteCells(json, explanation.Question is Question.OfNamespace ? "mirrors" : "asMirror", explanation.AsMirror);
        WritePulls(json, explanation);
        WriteTexts(json, "sources", explanation.Sources.Select(source => source.ToString()));
    });

    private static void WriteQuestion(Utf8JsonWriter json, Question question)
    {
        switch (question)
        {
            case Question.OfObject of:
                json.WriteString("object", of.Object.ToString());
                if (of.In is not null)
                    json.WriteString("in", of.In);
                break;
            case Question.OfNamespace of:
                json.WriteString("namespace", of.Namespace);
                break;
        }
    }

    private static void WriteRole(Utf8JsonWriter json, ObjectRole role)
    {
        json.WriteStartObject("role");
        json.WriteString("resourceVersion", role.ResourceVersion);
        WriteText(json, "neverASource", role.Refusal);
        json.WriteStartArray("pushes");
        foreach (var push in role.Specification.Pushes)
        {
            json.WriteStartObject();
            json.WriteString("dialect", push.Policy.Dialect.ToString());
            json.WriteString("namespaces", push.Namespaces.Describe());
            json.WriteString("mirrorName", push.MirrorName);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteTexts(json, "mayBePulledBy", role.Specification.PullGrants.Select(grant => grant.Describe()));
        WriteTexts(json, "remarks", role.Specification.Remarks);
        WriteText(json, "onRelease", role.Specification.OnRelease?.ToString());
        if (role.Request is { } request)
        {
            json.WriteStartObject("request");
            json.WriteString("dialect", request.Policy.Dialect.ToString());
            json.WriteString("source", request.Source.ToString());
            json.WriteEndObject();
        }
        WriteText(json, "copyOf", role.CopyOf?.ToString());
        json.WriteBoolean("filledOnRequest", role.OnRequest);
        WriteText(json, "madeByReflectorOf", role.PeerClaim?.ToString());
        json.WriteBoolean("consents", role.Consents);
        json.WriteStartArray("faults");
        foreach (var fault in role.Faults)
            WriteFault(json, fault);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFault(Utf8JsonWriter json, Fault fault)
    {
        json.WriteStartObject();
        json.WriteString("annotation", fault.Annotation);
        json.WriteString("problem", fault.Problem);
        json.WriteString("remedy", fault.Remedy);
        json.WriteEndObject();
    }

    private static void WriteCells(Utf8JsonWriter json, string member, IReadOnlyCollection<ExplainedCell> cells)
    {
        json.WriteStartArray(member);
        foreach (var (outcome, rule) in cells)
        {
            json.WriteStartObject();
            json.WriteString("source", outcome.Source.ToString());
            json.WriteString("mirror", outcome.Place.ToString());
            json.WriteString("state", CellGroup.StateOf(outcome).ToString());
            json.WriteString("act", outcome.Intent.Act.ToString());
            json.WriteString("reason", outcome.Reason.ToString());
            json.WriteString("detail", outcome.Intent.Detail);
            json.WriteString("rule", rule);
            WriteText(json, "note", outcome.Intent.Note is { Length: > 0 } note ? note : null);
            WriteText(json, "failure", outcome.Failure?.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WritePulls(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartArray("pulls");
        foreach (var pull in explanation.Pulls)
        {
            json.WriteStartObject();
            json.WriteString("source", pull.Source.ToString());
            json.WriteString("namespace", pull.Namespace);
            json.WriteBoolean("permitted", pull.Permitted);
            json.WriteString("because", pull.Because);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string member, IEnumerable<string> texts)
    {
        json.WriteStartArray(member);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, string member, string? text)
    {
        if (text is not null)
            json.WriteString(member, text);
    }
}
