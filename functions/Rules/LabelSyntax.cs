namespace Heliograph.Rules;

/// <summary>The Kubernetes syntax of label keys and values (annotation keys share the former).</summary>
public static class LabelSyntax
{
    /// <summary>Whether the text is a legal key: an optional DNS subdomain of at most 253 characters and a slash, then a name of at most 63.</summary>
    public static bool IsKey(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? IsName(text) : IsSubdomain(text[..slash]) && IsName(text[(slash + 1)..]);
    }

    /// <summary>Whether the text is a legal label value: empty, or a name of at most 63 characters.</summary>
    public static bool IsValue(string text) => text.Length == 0 || IsName(text);

    /// <summary>Whether the text is a DNS subdomain (RFC 1123), as object names are: lower case, at most 253 characters.</summary>
    public static bool IsSubdomain(string text) =>
        text.Length is > 0 and <= 253 && text.Split('.').All(part =>
            part.Length > 0 && IsLower(part[0]) && IsLower(part[^1]) && part.All(c => IsLower(c) || c == '-'));

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsLower(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}
