using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Heliograph.Engine;
using Heliograph.Rules;

namespace Heliograph.Dev.Docs;

/// <summary>The words under which decisions are told, from the documentation comments of <see cref="Reason"/>.</summary>
internal static class ReasonsPage
{
    public static string Write()
    {
        var comments = XElement.Load(Path.ChangeExtension(typeof(Reason).Assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary"));
        var text = new StringBuilder(Page.Notice);
        text.Append(
            """
            # Reasons

            Every decision has one reason, a word of this list. You meet it in [explain](explain.md) and in the answer of a resync, in the log, as the
            label `reason` of the counter `heliograph.functions.cells`, and — where something is refused — as the reason of a Kubernetes Event.
            What to do about it: [troubleshooting](troubleshooting.md).

            ## What is told by a Kubernetes Event

            The Event has the type `Warning` and is on the object that asks: the source for a push, the object that asks to be filled for a pull, the object
            that bears the annotation for one that cannot be read. See it with `kubectl describe`, or with
            `kubectl get events -A --field-selector reason=Conflict`.


            """);
        Append(text, comments, Notices.Reasons);
        text.Append(
            """

            ## What is not refused

            Here all is well, or is being put right.


            """);
        Append(text, comments, Enum.GetValues<Reason>().Except(Notices.Reasons));
        return text.ToString();
    }

    private static void Append(StringBuilder text, Dictionary<string, XElement?> comments, IEnumerable<Reason> reasons)
    {
        text.Append("| reason | meaning |\n|---|---|\n");
        foreach (var reason in reasons)
            text.Append(CultureInfo.InvariantCulture, $"| `{reason}` | {Plain(comments[$"F:{typeof(Reason).FullName}.{reason}"]!)} |\n");
    }

    /// <summary>A documentation comment as Markdown, on one line.</summary>
    private static string Plain(XElement summary) => string.Join(' ', string.Concat(summary.Nodes().Select(node => node switch
    {
        XText words => words.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        _ => throw new InvalidOperationException($"no form for {node}"),
    })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
