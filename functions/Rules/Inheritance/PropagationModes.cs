using System.Collections.Frozen;
using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>Which kinds are inherited, and how: what the HNCConfiguration says, for the kinds that are served.</summary>
public sealed class PropagationModes
{
    /// <summary>The kinds that are inherited whatever the configuration says.</summary>
    internal static readonly ImmutableArray<Kind> Always = [Kinds.Role, Kinds.RoleBinding];

    private readonly FrozenDictionary<string, PropagationMode> byKind;

    private PropagationModes(FrozenDictionary<string, PropagationMode> byKind, ImmutableArray<ConfiguredResource> resources)
    {
        this.byKind = byKind;
        Resources = resources;
    }

    /// <summary>What is said of every resource, in the order of the configuration, those first that are always inherited.</summary>
    public ImmutableArray<ConfiguredResource> Resources { get; }

    /// <summary>The kinds that are inherited, on request or always.</summary>
    public IEnumerable<Kind> Inherited =>
        Resources.Where(resource => resource is { Problem: null, Mode: PropagationMode.Propagate or PropagationMode.AllowPropagate }).Select(resource => resource.Kind).OfType<Kind>();

    /// <summary>How a kind is inherited.</summary>
    public PropagationMode this[string kind] => byKind.GetValueOrDefault(kind, PropagationMode.Ignore);

    /// <summary>Reads the configuration.</summary>
    /// <param name="configuration">The HNCConfiguration with its payload; null where there is none: then Roles and RoleBindings are inherited.</param>
    /// <param name="served">The kinds that are served.</param>
    public static PropagationModes Read(Snapshot? configuration, IEnumerable<Kind> served)
    {
        var kinds = served.ToDictionary(kind => (kind.Group, kind.Plural));
        var resources = ImmutableArray.CreateBuilder<ConfiguredResource>();
        foreach (var kind in Always)
            resources.Add(new(kind.Group, kind.Plural, PropagationMode.Propagate, kinds.GetValueOrDefault((kind.Group, kind.Plural)), Unserved(kinds, kind.Group, kind.Plural)));
        foreach (var item in configuration is null ? [] : PayloadReader.Items(PayloadReader.Field(configuration, "spec"), "resources"))
        {
            var (group, resource) = (PayloadReader.Text(item, "group") ?? "", PayloadReader.Text(item, "resource") ?? "");
            var problem = resources.Any(earlier => earlier.Group == group && earlier.Resource == resource)
                ? (resources.Take(Always.Length).Any(always => always.Group == group && always.Resource == resource)
                    ? $"Resource \"{resource}\" of group \"{group}\" is always in mode Propagate"
                    : $"Multiple sync mode settings found for resource \"{resource}\" of group \"{group}\"; only the first one counts", "MultipleConfigurationsForType")
                : Unserved(kinds, group, resource);
            resources.Add(new(group, resource, ModeOf(PayloadReader.Text(item, "mode")), kinds.GetValueOrDefault((group, resource)), problem));
        }
        var modes = resources.Where(r => r is { Kind: not null, Problem: null }).ToFrozenDictionary(r => r.Kind!.Name, r => r.Mode, StringComparer.Ordinal);
        return new PropagationModes(modes, resources.ToImmutable());
    }

    private static (string Message, string Reason)? Unserved(Dictionary<(string Group, string Plural), Kind> kinds, string group, string resource) =>
        kinds.ContainsKey((group, resource)) ? null : (NotServed(group, resource), "ResourceNotFound");

    internal static string NotServed(string group, string resource) =>
        $"Resource \"{resource}\" of group \"{group}\" is not served: name its kind in the setting Replication__Kinds, describe it in Kinds__Additional where it is not known, and grant the rights for it";

    /// <summary>An empty mode propagates, and an unknown one does nothing.</summary>
    private static PropagationMode ModeOf(string? text) => text switch
    {
        null or "" or nameof(PropagationMode.Propagate) => PropagationMode.Propagate,
        nameof(PropagationMode.Remove) => PropagationMode.Remove,
        nameof(PropagationMode.AllowPropagate) => PropagationMode.AllowPropagate,
        _ => PropagationMode.Ignore,
    };
}

/// <summary>A resource that the HNCConfiguration names.</summary>
/// <param name="Group">Its API group.</param>
/// <param name="Resource">Its plural name.</param>
/// <param name="Mode">What is asked for.</param>
/// <param name="Kind">Its row of the kinds table; null where it is not served.</param>
/// <param name="Problem">Why nothing comes of it, and the condition's reason; null where all is well.</param>
public sealed record ConfiguredResource(string Group, string Resource, PropagationMode Mode, Kind? Kind, (string Message, string Reason)? Problem);
