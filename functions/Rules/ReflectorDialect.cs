using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Rules;

/// <summary>
/// Reflector's annotations. <c>reflection-allowed</c> is the gate; allowed namespaces are the list or the selector (neither: all); automatic
/// mirrors go to namespaces that are allowed <em>and</em> pass the automatic list or selector (neither: all allowed).
/// </summary>
internal static class ReflectorDialect
{
    private static readonly MirrorPolicy Policy = new() { Dialect = Dialect.Reflector, Data = DataMode.Whole };

    public static SourceSpecification ReadSource(Snapshot source, AnnotationReader annotations)
    {
        var allowed = Gate(annotations, Reflector.Allowed);
        if (allowed is null)
            return SourceSpecification.Nothing;
        var mayHold = Within(allowed, Either(annotations, Reflector.AllowedNamespaces, Reflector.AllowedNamespacesSelector));
        var automatic = Gate(annotations, Reflector.AutoEnabled);
        return new SourceSpecification
        {
            PullGrants = [mayHold],
            Pushes = automatic is null
                ? []
                : [new PushRule(
                    Within(automatic, mayHold, Either(annotations, Reflector.AutoNamespaces, Reflector.AutoNamespacesSelector)), Policy, source.Name)],
        };
    }

    /// <summary>An object that says <c>reflects</c> and was not made by a controller asks to be filled.</summary>
    public static PullRequest? ReadMirror(AnnotationReader annotations) =>
        annotations.Text(Reflector.Reflects) is { } reflects && !IsAutomatic(annotations) && annotations.Reference(Reflector.Reflects, reflects) is { } source
            ? new PullRequest(source, Policy)
            : null;

    /// <summary>The source of which Reflector made this object; null where it did not.</summary>
    public static ResourceRef? ReadPeerClaim(AnnotationReader annotations) =>
        IsAutomatic(annotations) && annotations.Has(Reflector.Reflects, out var reflects) ? annotations.Reference(Reflector.Reflects, reflects) : null;

    private static bool IsAutomatic(AnnotationReader annotations) =>
        "true".Equals(annotations.Text(Reflector.AutoReflects)?.Trim(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Null where the boolean is off; a rule that is unreadable where the boolean is, because a typo must not delete anything.</summary>
    private static NamespaceRule? Gate(AnnotationReader annotations, string key) =>
        annotations.Boolean(key, out var fault) ? new NamespaceRule.All($"{key} is on")
        : fault is not null ? new NamespaceRule.Unreadable(fault)
        : null;

    private static NamespaceRule Either(AnnotationReader annotations, string listKey, string selectorKey)
    {
        var named = annotations.Has(listKey, out var list) ? annotations.Named(listKey, list) : null;
        var labelled = annotations.Has(selectorKey, out var selector) ? annotations.Labelled(selectorKey, selector) : null;
        return (named, labelled) switch
        {
            (null, null) => new NamespaceRule.All($"neither {listKey} nor its selector is set: all namespaces"),
            ({ } one, null) => one,
            (null, { } one) => one,
            ({ } one, { } other) => new NamespaceRule.AnyOf([one, other]),
        };
    }

    private static NamespaceRule.AllOf Within(params ReadOnlySpan<NamespaceRule> rules) => new([.. rules]);
}
