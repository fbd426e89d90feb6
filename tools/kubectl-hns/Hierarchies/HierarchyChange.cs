using System.Text.Json.Nodes;

namespace Heliograph.Hns;

/// <summary>What <c>set</c> is asked to do with a HierarchyConfiguration.</summary>
/// <param name="Root">Whether the parent goes.</param>
/// <param name="Parent">The new parent; empty for none named.</param>
/// <param name="Allow">Whether cascading deletion is allowed.</param>
/// <param name="Forbid">Whether it is forbidden.</param>
internal sealed record HierarchyChange(bool Root = false, string Parent = "", bool Allow = false, bool Forbid = false)
{
    /// <summary>Why this cannot be asked; null where it can.</summary>
    public string? Contradiction => this switch
    {
        { Root: true, Parent.Length: > 0 } => "Cannot give the namespace a parent and make it a root at the same time",
        { Allow: true, Forbid: true } => "Cannot set both --allowCascadingDeletion and --forbidCascadingDeletion",
        _ => null,
    };

    /// <summary>Makes the change.</summary>
    /// <param name="configuration">The object as it is.</param>
    /// <param name="ns">Its namespace.</param>
    /// <returns>What is told of it, and how many properties it changed.</returns>
    public (IReadOnlyList<string> Told, int Changes) Apply(JsonObject configuration, string ns)
    {
        var spec = configuration["spec"] as JsonObject ?? [];
        configuration["spec"] = spec;
        var (told, changes) = (new List<string>(), 0);
        var old = (string?)spec["parent"] ?? "";
        if (Root && old.Length == 0)
        {
            told.Add($"{ns} is already a root namespace; unchanged ");
        }
        else if (Root)
        {
            spec.Remove("parent");
            told.Add($"Unsetting the parent of {ns} (was previously {old})");
            changes++;
        }
        if (Parent.Length > 0 && Parent == old)
        {
            told.Add($"Parent of {ns} is already {Parent}; unchanged");
        }
        else if (Parent.Length > 0)
        {
            spec["parent"] = Parent;
            told.Add(old.Length == 0 ? $"Setting the parent of {ns} to {Parent}" : $"Changing the parent of {ns} from {old} to {Parent}");
            changes++;
        }
        if (Allow || Forbid)
            changes += Cascade(spec, ns, told);
        return (told, changes);
    }

    private int Cascade(JsonObject spec, string ns, List<string> told)
    {
        if (((bool?)spec["allowCascadingDeletion"] ?? false) == Allow)
        {
            told.Add($"Cascading deletion for '{ns}' is already set to {(Allow ? "true" : "false")}; unchanged");
            return 0;
        }
        if (Allow)
            spec["allowCascadingDeletion"] = true;
        else
            spec.Remove("allowCascadingDeletion");
        told.Add($"{(Allow ? "Allowing" : "Forbidding")} cascading deletion on '{ns}'");
        return 1;
    }
}
