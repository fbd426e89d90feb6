using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;

namespace Heliograph.Simulation.Promises;

/// <summary>Looks at what follows from the tree when nothing moves any more: labels, what HierarchyConfigurations and the HNCConfiguration tell, anchors and their namespaces.</summary>
internal sealed class TreeRest(FakeApiServer server, Conditions conditions, Lineage lineage)
{
    private const string Promise = "it converges";

    /// <exception cref="BrokenPromiseException">Something is not as it must be.</exception>
    public void Check()
    {
        foreach (var ns in lineage.Namespaces)
        {
            CheckLabels(ns);
            if (lineage.IsManaged(ns))
                CheckHierarchy(ns);
        }
        foreach (var anchor in lineage.Anchors.Where(anchor => lineage.IsManaged(anchor.Namespace)))
            CheckAnchor(anchor);
        if (server.Body(Kinds.HncConfiguration, "", Hnc.Configuration) is { } configuration)
            CheckConfiguration(configuration);
    }

    private void CheckLabels(string ns)
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (lineage.IsManaged(ns))
        {
            expected[Hnc.IncludedNamespace] = "true";
            foreach (var (distance, above) in lineage.Above(ns).Prepend(ns).Index())
                expected[above + Hnc.TreeDepthSuffix] = distance.ToString(CultureInfo.InvariantCulture);
        }
        var standing = lineage.Namespace(ns)!.Labels.Where(label => Hnc.Owns(label.Key)).OrderBy(label => label.Key, StringComparer.Ordinal);
        if (!standing.SequenceEqual(expected))
            throw Broken($"namespace {ns}", $"bears the labels {Listed(standing)} instead of {Listed(expected)}");

        static string Listed(IEnumerable<KeyValuePair<string, string>> labels) => string.Join(", ", labels.Select(label => $"{label.Key}={label.Value}"));
    }

    private void CheckHierarchy(string ns)
    {
        var body = server.Body(Kinds.HierarchyConfiguration, ns, Hnc.Hierarchy);
        var (children, reasons, owner) = (lineage.Children(ns).ToList(), lineage.Reasons(ns).ToList(), lineage.SubnamespaceOf(ns));
        var place = $"the HierarchyConfiguration of {ns}";
        if (body is null)
        {
            if (children.Count + reasons.Count > 0 || owner is not null)
                throw Broken(place, $"is missing: it would tell {string.Join(", ", children)} and {string.Join(", ", reasons)}");
            return;
        }
        if (IsDeleting(body))
            return;
        if (owner is not null && body.MapOf("spec").TextOf("parent") != owner)
            throw Broken(place, $"does not say that it is a subnamespace of {owner}");
        var told = body.MapOf("status").ItemsOf("children").OfType<Json.Text>().Select(child => child.Value);
        if (!told.SequenceEqual(children))
            throw Broken(place, $"tells the children {string.Join(", ", told)} instead of {string.Join(", ", children)}");
        var conditions = Reasons(body);
        if (!conditions.SequenceEqual(reasons))
            throw Broken(place, $"tells {string.Join(", ", conditions)} instead of {string.Join(", ", reasons)}");
    }

    private void CheckAnchor(Snapshot anchor)
    {
        var (parent, child) = (anchor.Namespace, anchor.Name);
        var there = lineage.Namespace(child);
        var expected = !lineage.IsManaged(child) ? "Forbidden" : there is null ? "Missing" : lineage.SubnamespaceOf(child) == parent ? "Ok" : "Conflict";
        if (anchor.Deleting)
        {
            if (expected != "Ok" || lineage.MayGo(child))
                throw Broken($"{anchor.Ref}", $"is being deleted and kept although it is {expected} and nothing goes with it");
            return;
        }
        var told = server.Body(Kinds.SubnamespaceAnchor, parent, child)!.MapOf("status").TextOf("status");
        if (expected == "Missing" || told != expected)
            throw Broken($"{anchor.Ref}", $"tells that it is {told}, but it is {expected}");
    }

    private void CheckConfiguration(Json.Map body)
    {
        foreach (var kind in conditions.Kinds)
        {
            var told = body.MapOf("status").ItemsOf("resources").OfType<Json.Map>().FirstOrDefault(resource => resource.TextOf("resource") == kind.Plural)?.TextOf("mode") ?? "Ignore";
            if (told != lineage.Mode(kind))
                throw Broken("the HNCConfiguration", $"tells that {kind.Plural} are in the mode {told} instead of {lineage.Mode(kind)}");
        }
        var expected = lineage.Namespaces.SelectMany(lineage.Reasons).Distinct().Order(StringComparer.Ordinal).ToList();
        var conditionsTold = body.MapOf("status").ItemsOf("conditions").OfType<Json.Map>().Where(condition => condition.TextOf("type") == "NamespaceCondition").Select(condition => condition.TextOf("reason"));
        if (!conditionsTold.SequenceEqual(expected))
            throw Broken("the HNCConfiguration", $"tells {string.Join(", ", conditionsTold)} of namespaces instead of {string.Join(", ", expected)}");
    }

    private static List<string> Reasons(Json.Map body) =>
        [.. body.MapOf("status").ItemsOf("conditions").OfType<Json.Map>().Select(condition => condition.TextOf("reason"))];

    private static bool IsDeleting(Json.Map body) => body.MapOf("metadata").TextOf("deletionTimestamp").Length > 0;

    private static BrokenPromiseException Broken(string what, string fault) => new(Promise, $"{what} {fault}");
}
