using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>Makes the HNCConfiguration tell which resources are inherited, which cannot be, and which conditions namespaces have.</summary>
internal static class StatusWriter
{
    private const int MaxNamed = 10;

    public static HierarchyChange? Change(Hierarchy hierarchy, Snapshot configuration, DateTimeOffset now)
    {
        var status = PayloadReader.Field(configuration, "status");
        var standing = Conditions.Of(status);
        var conditions = ConditionsOf(hierarchy).ToImmutableArray();
        var resources = hierarchy.Modes.Resources.Where(resource => resource.Problem is null)
            .Select(resource => (resource.Group, resource.Kind!.Version, resource.Resource, Mode: resource.Mode.ToString())).ToImmutableArray();
        var told = PayloadReader.Items(status, "resources").Select(item => (
            PayloadReader.Text(item, "group") ?? "", PayloadReader.Text(item, "version") ?? "", PayloadReader.Text(item, "resource") ?? "", PayloadReader.Text(item, "mode") ?? ""));
        if (told.SequenceEqual(resources) && standing.Select(condition => condition.What).SequenceEqual(conditions))
            return null;
        return new(
            ObjectPatch.Patch(configuration, _ => { }, json =>
            {
                json.WriteStartObject("status");
                json.WriteStartArray("resources");
                foreach (var (group, version, resource, mode) in resources)
                {
                    json.WriteStartObject();
                    json.WriteString("group", group);
                    json.WriteString("version", version);
                    json.WriteString("resource", resource);
                    json.WriteString("mode", mode);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                Conditions.Write(json, conditions, standing, now);
                json.WriteEndObject();
            }),
            "tells what is inherited");
    }

    private static IEnumerable<TreeCondition> ConditionsOf(Hierarchy hierarchy)
    {
        foreach (var problem in hierarchy.Modes.Resources.Select(resource => resource.Problem).OfType<(string Message, string Reason)>())
            yield return new(TreeCondition.BadConfiguration, problem.Reason, problem.Message);
        var conditions = hierarchy.Tree.Nodes.SelectMany(node => node.Conditions.Select(condition => (condition.Reason, node.Name)));
        foreach (var reason in conditions.GroupBy(condition => condition.Reason, condition => condition.Name).OrderBy(reason => reason.Key, StringComparer.Ordinal))
        {
            var namespaces = reason.Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
            var more = namespaces.Length > MaxNamed ? $" and {namespaces.Length - MaxNamed} more" : "";
            yield return new("NamespaceCondition", reason.Key, $"In {namespaces.Length} namespace(s): {string.Join(", ", namespaces.Take(MaxNamed))}{more}");
        }
    }
}
