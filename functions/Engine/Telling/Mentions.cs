using System.Text;

namespace Heliograph.Engine;

/// <summary>Finds the sentences that differ only in the namespace they speak of, so that a thousand of them can be said as one.</summary>
public static class Mentions
{
    /// <summary>What stands for the namespace in a sentence about many.</summary>
    public const string AnyNamespace = "<namespace>";

    /// <summary>The sentence with every mention of a namespace, as a whole word, replaced.</summary>
    public static string Generalise(string sentence, string ns)
    {
        ArgumentException.ThrowIfNullOrEmpty(ns);
        var general = new StringBuilder();
        var kept = 0;
        for (var at = Find(sentence, ns, 0); at >= 0; at = Find(sentence, ns, at + ns.Length))
        {
            general.Append(sentence, kept, at - kept).Append(AnyNamespace);
            kept = at + ns.Length;
        }
        return kept == 0 ? sentence : general.Append(sentence, kept, sentence.Length - kept).ToString();
    }

    private static int Find(string sentence, string ns, int start)
    {
        for (var at = start; at < sentence.Length && (at = sentence.IndexOf(ns, at, StringComparison.Ordinal)) >= 0; at++)
        {
            if (IsBoundary(sentence, at - 1) && IsBoundary(sentence, at + ns.Length))
                return at;
        }
        return -1;
    }

    /// <summary>Quoted text is what somebody wrote, such as a pattern, and not a mention.</summary>
    private static bool IsBoundary(string sentence, int at) =>
        at < 0 || at >= sentence.Length || !(char.IsAsciiLetterOrDigit(sentence[at]) || sentence[at] is '-' or '.' or '"' or '_');
}
