using System.Text.Json;
using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.Promises;

/// <summary>
/// Who is whose child, said a second time and as plainly as it can be: each question walks from parent to parent by name. It shares no rule with the product.
/// </summary>
internal sealed class Lineage
{
    private readonly TreeConditions conditions;
    private readonly Dictionary<string, Snapshot> namespaces;
    private readonly Dictionary<string, Snapshot> hierarchies;
    private readonly Dictionary<ResourceRef, Snapshot> anchors;
    private readonly Snapshot? configuration;

    public Lineage(FakeApiServer server, TreeConditions conditions, long? atVersion = null)
    {
        this.conditions = conditions;
        namespaces = server.ReadAll(Kinds.Namespace, atVersion: atVersion).ToDictionary(read => read.Name);
        hierarchies = server.ReadAll(Kinds.HierarchyConfiguration, withContent: true, atVersion: atVersion).ToDictionary(read => read.Namespace);
        anchors = server.ReadAll(Kinds.SubnamespaceAnchor, atVersion: atVersion).ToDictionary(read => read.Ref);
        configuration = server.Read(Kinds.HncConfiguration, "", Hnc.Configuration, atVersion: atVersion);
    }

    public IEnumerable<string> Namespaces => namespaces.Keys.Order(StringComparer.Ordinal);

    public IEnumerable<Snapshot> Anchors => anchors.Values;

    public bool IsManaged(string ns) => ns != conditions.Excluded;

    public Snapshot? Namespace(string ns) => namespaces.GetValueOrDefault(ns);

    public Snapshot? Anchor(string parent, string child) => anchors.GetValueOrDefault(new ResourceRef(Kinds.SubnamespaceAnchor.Name, parent, child));

    /// <summary>Of which namespace this one is a subnamespace.</summary>
    public string? SubnamespaceOf(string ns) =>
        IsManaged(ns) && namespaces.GetValueOrDefault(ns)?.Annotation(Hnc.SubnamespaceOf) is { Length: > 0 } parent ? parent : null;

    /// <summary>Why a namespace has no part in the tree by its own fault; null where it has.</summary>
    public string? Fault(string ns) => Wanted(ns) is not { } wanted ? null
        : !namespaces.ContainsKey(wanted) ? "ParentMissing"
        : !IsManaged(wanted) ? "IllegalParent"
        : !Accepts(wanted, ns) ? "ParentNotAccepting"
        : IsInCycle(ns) ? "InCycle"
        : null;

    /// <summary>Why nothing is done in a namespace; null where all is well.</summary>
    public string? Halt(string ns) => Fault(ns) ?? (Above(ns).Any(above => Fault(above) is not null) ? "AncestorHaltActivities" : null);

    /// <summary>The namespaces above, the nearest first, up to the first that has a fault.</summary>
    public IEnumerable<string> Above(string ns)
    {
        for (var at = ns; Fault(at) is null && Wanted(at) is { } parent; at = parent)
            yield return parent;
    }

    /// <summary>The namespaces that have this one as their parent, sorted. A circle is closed, so that its members have each other.</summary>
    public IEnumerable<string> Children(string ns) => Namespaces.Where(child => Parent(child) == ns);

    /// <summary>The reasons of all that is wrong with a namespace.</summary>
    public IEnumerable<string> Reasons(string ns)
    {
        if (!IsManaged(ns))
            yield break;
        if (Halt(ns) is { } halt)
            yield return halt;
        if (SubnamespaceOf(ns) is { } parent && namespaces.ContainsKey(parent) && Anchor(parent, ns) is null)
            yield return "SubnamespaceAnchorMissing";
    }

    /// <summary>Whether a subnamespace may go with its anchor: nothing would go with it, or somebody has allowed that.</summary>
    public bool MayGo(string ns)
    {
        if (!Children(ns).Any(child => SubnamespaceOf(child) == ns))
            return true;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = ns; at is not null && seen.Add(at); at = Parent(at))
        {
            if (Spec(at) is { ValueKind: JsonValueKind.Object } spec && spec.TryGetProperty("allowCascadingDeletion", out var allowed) && allowed.ValueKind == JsonValueKind.True)
                return true;
        }
        return false;
    }

    /// <summary>How a kind is inherited.</summary>
    public string Mode(Kind kind)
    {
        if (kind.Name is "Role" or "RoleBinding")
            return "Propagate";
        if (configuration?.Content?.Fields.TryGetValue("spec", out var spec) != true || !spec.TryGetProperty("resources", out var resources))
            return "Ignore";
        foreach (var resource in resources.EnumerateArray().Where(resource => resource.GetProperty("resource").GetString() == kind.Plural))
        {
            var mode = resource.TryGetProperty("mode", out var said) ? said.GetString()! : "";
            return mode.Length == 0 ? "Propagate" : mode is "Propagate" or "Remove" or "AllowPropagate" ? mode : "Ignore";
        }
        return "Ignore";
    }

    /// <summary>Whether inherited copies of a kind stay as they are in a namespace, whatever is said of them.</summary>
    public bool IsPaused(Kind kind, string ns) => Mode(kind) == "Ignore" || !IsManaged(ns) || Halt(ns) is not null;

    /// <summary>How far a namespace stands above another; null where it does not.</summary>
    public int? Distance(string ancestor, string ns) =>
        Halt(ns) is not null || Above(ns).ToList().IndexOf(ancestor) is not (>= 0 and var at) ? null : at + 1;

    private string? Parent(string ns) => Wanted(ns) is { } wanted && namespaces.ContainsKey(wanted) && IsManaged(wanted) && Accepts(wanted, ns) ? wanted : null;

    private string? Wanted(string ns) => !namespaces.ContainsKey(ns) || !IsManaged(ns) ? null
        : SubnamespaceOf(ns) ?? (Spec(ns) is { ValueKind: JsonValueKind.Object } spec && spec.TryGetProperty("parent", out var parent) && parent.GetString() is { Length: > 0 } said ? said : null);

    private JsonElement Spec(string ns) => hierarchies.GetValueOrDefault(ns)?.Content?.Fields.GetValueOrDefault("spec") ?? default;

    private bool Accepts(string parent, string child) => conditions.TrustsChildren || Anchor(parent, child) is not null
        || (namespaces[parent].Annotation(Ours.AcceptChildren) is { } said && (said == "*" || said.Split(',').Contains(child)));

    private bool IsInCycle(string ns)
    {
        var at = Parent(ns);
        for (var steps = 0; at is not null && at != ns && steps <= namespaces.Count; steps++)
            at = Parent(at);
        return at == ns;
    }
}
