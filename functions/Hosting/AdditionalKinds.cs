using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Hosting;

/// <summary>
/// Rows of the kinds table from configuration: what <see cref="KindSettings.Additional"/> holds. A JSON object for each kind, or an array of them, with
/// <c>apiVersion</c>, <c>kind</c>, <c>plural</c>, <c>copy</c> (top-level fields, each as a whole; <c>"data/*"</c> is a mapping whose keys are copied one by
/// one) and, where there is one, <c>frozen</c> (a field that cannot be changed once it is there).
/// </summary>
internal sealed class AdditionalKinds(SettingsReader settings)
{
    /// <summary>More kinds than anybody will name, and fewer than would make every sweep a burden.</summary>
    private const int MaxKinds = 50;
    private const string Keys = "/*";
    private const string Example = """{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "plural": "networkpolicies", "copy": ["spec"]}""";

    private static readonly ImmutableArray<string> Members = ["apiVersion", "kind", "plural", "copy", "frozen"];

    /// <summary>What every object has, and what its controllers write: none of it can be copied.</summary>
    private static readonly ImmutableArray<string> NeverCopied = ["apiVersion", "kind", "metadata", "status"];

    private readonly ImmutableArray<Kind>.Builder kinds = ImmutableArray.CreateBuilder<Kind>();

    /// <summary>Reads the setting; what is wrong with it is reported with the row's number.</summary>
    public static ImmutableArray<Kind> Read(SettingsReader settings)
    {
        if (settings.Text(KindSettings.Additional) is not { } text)
            return [];
        var read = new AdditionalKinds(settings);
        try
        {
            using var json = JsonDocument.Parse(text);
            read.ReadAll(json.RootElement);
        }
        catch (JsonException e)
        {
            settings.Report(KindSettings.Additional, $"is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}); write for example {Example}");
        }
        return read.kinds.ToImmutable();
    }

    private void ReadAll(JsonElement root)
    {
        switch (root.ValueKind)
        {
            case JsonValueKind.Object:
                ReadRow(root, "");
                break;
            case JsonValueKind.Array when root.GetArrayLength() <= MaxKinds:
                foreach (var (index, row) in root.EnumerateArray().Index())
                    ReadRow(row, $" (number {index + 1})");
                break;
            case JsonValueKind.Array:
                Report("", $"names more than {MaxKinds} kinds");
                break;
            default:
                Report("", $"must be an object or an array of objects, for example {Example}");
                break;
        }
    }

    private void ReadRow(JsonElement row, string number)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            Report(number, $"must be an object, for example {Example}");
            return;
        }
        var problems = row.EnumerateObject().Where(member => !Members.Contains(member.Name))
            .Select(member => $"has no member \"{member.Name}\"; there are {string.Join(", ", Members)}").ToList();
        var (group, version) = VersionOf(Text(row, "apiVersion", problems), problems);
        var name = Text(row, "kind", problems);
        if (name is not null && !(char.IsAsciiLetterUpper(name.FirstOrDefault()) && name.All(char.IsAsciiLetterOrDigit)))
            problems.Add($"kind is \"{name}\", which is not of the form NetworkPolicy");
        else if (name is not null && Kinds.All.Append(Kinds.Namespace).Append(Kinds.Event).Concat(kinds).Any(kind => kind.Name == name))
            problems.Add($"kind is \"{name}\", which is known already");
        var plural = Text(row, "plural", problems);
        if (plural is not null && !(char.IsAsciiLetterLower(plural.FirstOrDefault()) && plural.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
            problems.Add($"plural is \"{plural}\", which is not of the form networkpolicies");
        var copied = CopiedOf(row, problems);
        var frozen = row.TryGetProperty("frozen", out _) ? Text(row, "frozen", problems) : null;
        if (frozen is not null && ProblemOfField(frozen) is { } problem)
            problems.Add($"frozen: {problem}");
        else if (frozen is not null && copied.Any(field => field.Name == frozen))
            problems.Add($"frozen: \"{frozen}\" is also among what is copied; a field that cannot be changed is taken over at the creation");
        foreach (var one in problems)
            Report(number, one);
        if (problems.Count > 0)
            return;
        kinds.Add(new Kind { Name = name!, Group = group, Version = version, Plural = plural!, Copied = copied, Frozen = frozen, MayBeEmptied = false });
    }

    private static (string Group, string Version) VersionOf(string? text, List<string> problems)
    {
        switch (text?.Split('/'))
        {
            case null:
                return default;
            case [var version] when IsVersion(version):
                return ("", version);
            case [var group, var version] when IsGroup(group) && IsVersion(version):
                return (group, version);
            default:
                problems.Add($"apiVersion is \"{text}\", which is not of the form networking.k8s.io/v1");
                return default;
        }
    }

    private static ImmutableArray<CopiedField> CopiedOf(JsonElement row, List<string> problems)
    {
        if (!row.TryGetProperty("copy", out var copy) || copy.ValueKind != JsonValueKind.Array || copy.GetArrayLength() == 0
            || copy.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            problems.Add("copy must be a list of the top-level fields to copy, for example [\"spec\"]");
            return [];
        }
        var fields = copy.EnumerateArray().Select(item => item.GetString()!)
            .Select(name => name.EndsWith(Keys, StringComparison.Ordinal) ? new CopiedField(name[..^Keys.Length], FieldShape.Map) : new CopiedField(name, FieldShape.Whole))
            .ToImmutableArray();
        problems.AddRange(fields.Select(field => ProblemOfField(field.Name)).OfType<string>().Select(problem => $"copy: {problem}"));
        problems.AddRange(fields.GroupBy(field => field.Name).Where(same => same.Count() > 1).Select(same => $"copy: \"{same.Key}\" is named twice"));
        return fields;
    }

    private static string? ProblemOfField(string name) =>
        !(char.IsAsciiLetter(name.FirstOrDefault()) && name.All(char.IsAsciiLetterOrDigit)) ? $"\"{name}\" is not the name of a top-level field"
        : NeverCopied.Contains(name) ? $"\"{name}\" is never copied"
        : null;

    private static string? Text(JsonElement row, string member, List<string> problems)
    {
        if (row.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            return text;
        problems.Add($"{member} must be a text");
        return null;
    }

    private static bool IsVersion(string text) => text.Length is > 1 and < 64 && text[0] == 'v' && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    private static bool IsGroup(string text) =>
        text.Length is > 0 and <= 253 && text.Split('.').All(label => label.Length > 0 && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    private void Report(string number, string problem) => settings.Report(KindSettings.Additional, number.Length == 0 ? problem : $"{number.TrimStart()} {problem}");
}
