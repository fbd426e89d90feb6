using Heliograph.Model;

namespace Heliograph.Watching.Tests;

/// <summary>Sources and mirrors as people and the functions write them.</summary>
internal static class Mirrors
{
    public const string Us = Vocabulary.FieldManager;

    public static readonly ResourceRef Wildcard = new("Secret", "certs", "wildcard");

    /// <summary>A source that Reflector's users would write.</summary>
    public static ClusterObject Source(string ns = "certs", string name = "wildcard") => new ClusterObject(ns, name)
        .Set(ClusterObject.Somebody, "data/tls.crt", "one").Set(ClusterObject.Somebody, "data/tls.key", "one")
        .Annotate(Vocabulary.Reflector.Allowed, "true").Annotate(Vocabulary.Reflector.AutoEnabled, "true");

    /// <summary>A mirror that the functions made.</summary>
    public static ClusterObject Made(string ns, ResourceRef? source = null, string copied = "v1", string? name = null) =>
        new ClusterObject(ns, name ?? (source ?? Wildcard).Name).Copy(source ?? Wildcard, copied);

    /// <summary>The functions copy a version of the source; what they do not copy stays.</summary>
    public static ClusterObject Copy(this ClusterObject mirror, ResourceRef source, string copied)
    {
        var all = new Dictionary<string, string>(mirror.Fields, StringComparer.Ordinal)
        {
            ["data/tls.crt"] = "crt of " + copied,
            ["data/tls.key"] = "key of " + copied,
            ["annotations/" + Vocabulary.Heliograph.Source] = source.ToString(),
            ["annotations/" + Vocabulary.Heliograph.SourceUid] = "uid of " + source,
            ["annotations/" + Vocabulary.Heliograph.SourceVersion] = copied,
            ["annotations/" + Vocabulary.Reflector.Reflects] = $"{source.Namespace}/{source.Name}",
            ["annotations/" + Vocabulary.Reflector.AutoReflects] = "True",
            ["annotations/" + Vocabulary.Reflector.ReflectedVersion] = copied,
            ["annotations/" + Vocabulary.Reflector.ReflectedAt] = Guid.NewGuid().ToString(),
        };
        return mirror.Put(Us, all);
    }

    public static ClusterObject Namespace(string name) => new("", name, Kinds.Namespace);

    /// <summary>Shows a complete list of one kind.</summary>
    public static IReadOnlyList<Notice> ShowList(this Catalogue catalogue, Kind kind, params IEnumerable<ClusterObject> objects)
    {
        catalogue.BeginList(kind);
        foreach (var item in objects)
            catalogue.List(item.Snapshot());
        return catalogue.CloseList(kind, "900");
    }

    /// <summary>What is told of a change; null where nothing is.</summary>
    public static Hint.ObjectChanged? Told(this Verdict verdict) => (verdict as Verdict.Tell)?.Notice.Hint as Hint.ObjectChanged;
}
