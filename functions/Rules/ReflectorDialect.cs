using System.Collections.Immutable;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Rules;

/// <summary>
/// Reflector's annotations. <c>reflection-allowed</c> is the gate; allowed namespaces are the list or the selector (neither: all); automatic
/// mirrors go to namespaces that are allowed <em>and</em> pass the automatic list or selector (neither: all allowed).
/// </summary>
internal static class ReflectorDialect
{
    private static readonly ImmutableArray<string> BehindTheGate =
    [
        Reflector.AllowedNamespaces, Reflector.AllowedNamespacesSelector, Reflector.AutoEnabled, Reflector.AutoNamespaces, Reflector.AutoNamespacesSelector,
    ];

    /// <summary>How a mirror is filled that asks in this dialect.</summary>
    public static MirrorPolicy Policy { get; } = new() { Dialect = Dialect.Reflector, Data = DataMode.Whole };

    public static SourceSpecification ReadSource(Snapshot source, AnnotationReader annotations)
    {
        // All of it is read, so that what is wrong is told even where the gate is shut.
        var allowed = Gate(annotations, Reflector.Allowed);
        var allowedNamespaces = Either(annotations, Reflector.AllowedNamespaces, Reflector.AllowedNamespacesSelector);
        var automatic = Gate(annotations, Reflector.AutoEnabled);
        var automaticNamespaces = Either(annotations, Reflector.AutoNamespaces, Reflector.AutoNamespacesSelector);
        if (allowed is null)
        {
            return BehindTheGate.Any(key => annotations.Text(key) is not null)
                ? new SourceSpecification { Remarks = [$"{Reflector.Allowed} is not \"true\", so nothing is allowed"] }
                : SourceSpecification.Nothing;
        }
        return new SourceSpecification
        {
            PullGrants = [Within(allowed, allowedNamespaces)],
            Pushes = automatic is null
                ? []
                : [new PushRule(Within(allowed, automatic, allowedNamespaces, automaticNamespaces), Policy, source.Name)],
            Remarks = automatic is null ? [$"{Reflector.AutoEnabled} is not \"true\", so mirrors must ask with {Reflector.Reflects}"] : [],
        };
    }

    /// <summary>An object that says <c>reflects</c> and was not made by a controller asks to be filled.</summary>
    public static PullRequest? ReadMirror(AnnotationReader annotations) =>
        annotations.Text(Reflector.Reflects) is { } reflects && !IsBookkeeping(annotations.Object)
        && annotations.Reference(Reflector.Reflects, reflects) is { } source
            ? new PullRequest(source, Policy)
            : null;

    /// <summary>The source of which Reflector made this object; null where it did not.</summary>
    public static ResourceRef? ReadPeerClaim(AnnotationReader annotations) =>
        IsAutomatic(annotations.Object) && annotations.Has(Reflector.Reflects, out var reflects)
            ? annotations.Reference(Reflector.Reflects, reflects)
            : null;

    /// <summary>
    /// Whether <c>reflects</c> on an object was written by a controller rather than asked for by its owner: the object was made automatically, or —
    /// should somebody have taken that mark off — it names the very source of which we made it.
    /// </summary>
    public static bool IsBookkeeping(Snapshot mirror) =>
        IsAutomatic(mirror)
        || (Bookkeeping.MadeOf(mirror) is { } made && mirror.Annotation(Reflector.Reflects) == $"{made.Namespace}/{made.Name}");

    private static bool IsAutomatic(Snapshot mirror) =>
        "true".Equals(mirror.Annotation(Reflector.AutoReflects)?.Trim(), StringComparison.OrdinalIgnoreCase);

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
