using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Simulation.Promises;

/// <summary>Looks at every single write to what the tree is made of: did it follow from the tree, and is what people said still there?</summary>
internal static class TreeTrespass
{
    private const string Promise = "we change only what is ours";

    public static bool Concerns(Kind kind) => kind.Name == Kinds.Namespace.Name || Kinds.Inheritance.Any(one => one.Name == kind.Name);

    /// <summary>Checks one write.</summary>
    /// <param name="target">The object.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="before">How it was; null where there was none.</param>
    /// <param name="after">How it is; null where there is none.</param>
    /// <param name="lately">The tree as whoever wrote may have known it.</param>
    /// <exception cref="BrokenPromiseException">It was not ours to write, or something of others is lost.</exception>
    public static void Check(ResourceRef target, Kind kind, Json.Map? before, Json.Map? after, IEnumerable<Lineage> lately)
    {
        if (kind.Name == Kinds.Namespace.Name)
            CheckNamespace(target, before, after, lately);
        else if (kind.Name == Kinds.HierarchicalResourceQuota.Name)
            throw Broken(target, "was written although there are no quotas");
        else if (before is null && kind.Name != Kinds.HierarchyConfiguration.Name)
            throw Broken(target, "was made, which only people do");
        else if (before is not null && !IsDeleting(before) && (after is null || IsDeleting(after)))
            throw Broken(target, "was deleted, which only people do");
        else if (before is not null && after is not null)
            CheckWords(target, kind, before, after, lately);
    }

    private static void CheckNamespace(ResourceRef target, Json.Map? before, Json.Map? after, IEnumerable<Lineage> lately)
    {
        var owner = (before ?? after!).MapOf("metadata").MapOf("annotations").TextOf(Hnc.SubnamespaceOf);
        if (before is null)
        {
            if (!lately.Any(tree => tree.Anchor(owner, target.Name) is { Deleting: false }))
                throw Broken(target, $"was made without an anchor in {owner}");
        }
        else if (after is null || IsDeleting(after))
        {
            if (!IsDeleting(before) && !lately.Any(tree => tree.SubnamespaceOf(target.Name) == owner && tree.Anchor(owner, target.Name) is { Deleting: true } && tree.MayGo(target.Name)))
                throw Broken(target, "was deleted although it has no anchor that is being deleted, or others go with it");
        }
        else if (!Others(before, "labels").Equals(Others(after, "labels")) || !Equals(before.MapOf("metadata")["annotations"], after.MapOf("metadata")["annotations"]))
        {
            throw Broken(target, "lost or got a label or an annotation that does not follow from the tree");
        }
    }

    /// <summary>What people say in a spec stays as they said it, but for the parent of a subnamespace.</summary>
    private static void CheckWords(ResourceRef target, Kind kind, Json.Map before, Json.Map after, IEnumerable<Lineage> lately)
    {
        var (said, says) = (before.MapOf("spec"), after.MapOf("spec"));
        if (kind.Name == Kinds.HierarchyConfiguration.Name)
        {
            if (said.TextOf("parent") != says.TextOf("parent") && !lately.Any(tree => tree.SubnamespaceOf(target.Namespace) == says.TextOf("parent")))
                throw Broken(target, $"got the parent {says.TextOf("parent")}, of which it is no subnamespace");
            (said, says) = (Said(said), Said(says));
        }
        if (!said.Equals(says))
            throw Broken(target, "says something else than somebody said there");
        if (!Equals(before.MapOf("metadata")["annotations"], after.MapOf("metadata")["annotations"]) || !Equals(before.MapOf("metadata")["labels"], after.MapOf("metadata")["labels"]))
            throw Broken(target, "lost a label or an annotation");
    }

    private static Json.Map Said(Json.Map spec)
    {
        var rest = spec.With("parent", (Json?)null);
        return rest.ItemsOf("labels").IsEmpty && rest.ItemsOf("annotations").IsEmpty ? rest.With("labels", (Json?)null).With("annotations", (Json?)null) : rest;
    }

    private static Json.Map Others(Json.Map body, string where) =>
        body.MapOf("metadata").MapOf(where) is var all ? new Json.Map(all.Members.RemoveRange(all.Members.Keys.Where(Hnc.Owns))) : Json.Empty;

    private static bool IsDeleting(Json.Map body) => body.MapOf("metadata").TextOf("deletionTimestamp").Length > 0;

    private static BrokenPromiseException Broken(ResourceRef target, string what) => new(Promise, $"{target} {what}");
}
