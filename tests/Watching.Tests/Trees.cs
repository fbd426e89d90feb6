using Heliograph.Model;

namespace Heliograph.Watching.Tests;

/// <summary>Namespaces as they stand in a tree, and what is handed down it.</summary>
internal static class Trees
{
    /// <summary>A namespace, labelled by us, with those above it, the nearest first.</summary>
    public static ClusterObject Namespace(string name, params ReadOnlySpan<string> ancestors) => Mirrors.Namespace(name).Place(Vocabulary.TreeFieldManager, ancestors);

    /// <summary>Somebody labels a namespace with its place.</summary>
    public static ClusterObject Place(this ClusterObject ns, string manager, params ReadOnlySpan<string> ancestors)
    {
        var all = ns.Fields.Where(field => !field.Key.EndsWith(Vocabulary.Hnc.TreeDepthSuffix, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        all["labels/" + Vocabulary.Hnc.IncludedNamespace] = "true";
        all["labels/" + Vocabulary.Hnc.DepthLabel(ns.Ref.Name)] = "0";
        for (var i = 0; i < ancestors.Length; i++)
            all["labels/" + Vocabulary.Hnc.DepthLabel(ancestors[i])] = $"{i + 1}";
        return ns.Put(manager, all);
    }

    /// <summary>A copy that the functions made of a source above.</summary>
    public static ClusterObject Inherited(this ClusterObject copy, string ancestor, string copied = "1000", string known = "0") => copy.Put(
        Mirrors.Us,
        new Dictionary<string, string>(copy.Fields, StringComparer.Ordinal)
        {
            ["data/tls.crt"] = "crt of " + copied,
            ["labels/" + Vocabulary.Hnc.InheritedFrom] = ancestor,
            ["labels/" + Vocabulary.Hnc.ManagedByLabel] = Vocabulary.Hnc.Group,
            ["annotations/" + Vocabulary.Heliograph.Source] = (copy.Ref with { Namespace = ancestor }).ToString(),
            ["annotations/" + Vocabulary.Heliograph.SourceUid] = "uid",
            ["annotations/" + Vocabulary.Heliograph.SourceVersion] = copied,
            ["annotations/" + Vocabulary.Heliograph.NamespacesVersion] = known,
        });

    /// <summary>All that is told, in few words.</summary>
    public static string[] Told(Verdict verdict) => verdict is Verdict.Tell tell ? [.. new[] { tell.Notice, tell.Also }.OfType<Notice>().Select(Text)] : [];

    private static string Text(Notice notice) => notice.Hint switch
    {
        Hint.ObjectChanged changed => changed.Object + (changed.Deleted ? " deleted" : ""),
        Hint.NamespaceChanged changed => "column " + changed.Namespace,
        _ => "sync",
    };
}
