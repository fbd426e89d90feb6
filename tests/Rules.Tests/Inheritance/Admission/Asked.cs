using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>A cluster as a test writes it down, and requests to it. Answers are told as <c>code message</c>, or <c>allowed</c>.</summary>
internal sealed class Asked
{
    private static readonly Kind[] Served = [Kinds.Secret, Kinds.ConfigMap, Kinds.Role, Kinds.RoleBinding];

    private readonly List<Obj> namespaces = [];
    private readonly List<Obj> hierarchies = [];
    private readonly List<Obj> anchors = [];
    private readonly List<Snapshot> objects = [];

    /// <summary>Every child is accepted, so that the rules are seen and not the parents' consent; and some names are excluded.</summary>
    public InheritanceSettings Settings { get; init; } = new()
    {
        TrustChildren = true,
        ExcludedNamespaces = PatternList.Parse("kube-.*", out _),
        ManagedLabels = PatternList.Parse("team.*", out _),
        ManagedAnnotations = PatternList.Parse("note.*", out _),
    };

    /// <summary>The spec of the HNCConfiguration.</summary>
    public string Configuration { get; init; } = """{"resources":[{"resource":"secrets","mode":"Propagate"},{"resource":"configmaps","mode":"Ignore"}]}""";

    public Hierarchy Hierarchy => new(
        NamespaceTree.Of(namespaces.Select(ns => (Snapshot)ns), hierarchies.Select(read => (Snapshot)read), anchors.Select(read => (Snapshot)read), Settings),
        PropagationModes.Read(new Obj { Kind = Kinds.HncConfiguration, Namespace = "", Name = "config" }.Set("spec", Configuration), Served), Settings);

    /// <summary>A namespace, a full one: <c>child &lt; parent</c>, or a root.</summary>
    public Asked Has(string text, Func<Obj, Obj>? with = null, string more = "")
    {
        var (name, parent) = text.Split(" < ") is [var child, var above] ? (child, above) : (text, null);
        namespaces.Add((with ?? (ns => ns))(Obj.Ns(name)));
        if (parent is not null || more.Length > 0)
            hierarchies.Add(Obj.Of(Kinds.HierarchyConfiguration, $"{name}/hierarchy").Set("spec", $$"""{"parent":"{{parent}}"{{more}}}"""));
        return this;
    }

    /// <summary>A subnamespace with its anchor.</summary>
    public Asked HasSub(string text, bool anchored = true)
    {
        var (child, parent) = text.Split(" < ") switch { [var c, var p] => (c, p), _ => throw new ArgumentException(text) };
        namespaces.Add(Obj.Ns(child).Annotate(Vocabulary.Hnc.SubnamespaceOf, parent));
        if (anchored)
            anchors.Add(Obj.Of(Kinds.SubnamespaceAnchor, $"{parent}/{child}"));
        return this;
    }

    /// <summary>An object that is there.</summary>
    public Asked Holds(Obj read)
    {
        objects.Add(read);
        return this;
    }

    public string Object(AdmissionOperation operation, string resource, string place, Obj? now, Obj? before = null)
    {
        var request = Request(operation, resource, place, now, before);
        var kind = ObjectRules.MayOverwrite(request, Hierarchy);
        return Told(ObjectRules.Judge(request, Hierarchy, kind is null ? [] : objects.Where(read => read.Kind == kind && read.Name == request.Name)));
    }

    /// <summary>A HierarchyConfiguration that is written, over one that was there before.</summary>
    public string Hierarchical(string ns, string spec, string? before = null)
    {
        var request = Request(before is null ? AdmissionOperation.Create : AdmissionOperation.Update, "hierarchyconfigurations.hnc.x-k8s.io", $"{ns}/hierarchy", Spec(spec), Spec(before));
        var answer = HierarchyRules.Judge(request, Hierarchy);
        if (answer is AdmissionAnswer.Refused || Move.Of(request, Hierarchy) is not { } move)
            return Told(answer);
        var moved = move.Judge([.. objects.Where(read => move.Kinds.Contains(read.Kind) && move.Concerns(read))]);
        return moved is AdmissionAnswer.Refused ? Told(moved) : Told(answer);
    }

    public string Namespace(AdmissionOperation operation, string name, Obj? now, Obj? before = null) =>
        Told(NamespaceRules.Judge(Request(operation, "namespaces", name, now, before), Hierarchy));

    public string Anchor(AdmissionOperation operation, string place, string? spec, string? before = null) =>
        Told(AnchorRules.Judge(Request(operation, "subnamespaceanchors.hnc.x-k8s.io", place, Spec(spec), Spec(before)), Hierarchy));

    public string Configure(AdmissionOperation operation, string name, string? spec, string? before = null)
    {
        var request = Request(operation, "hncconfigurations.hnc.x-k8s.io", name, Spec(spec), Spec(before));
        var answer = ConfigurationRules.Judge(request, Served);
        return Told(answer is AdmissionAnswer.Refused ? answer
            : ConfigurationRules.Beginning(request, Hierarchy, Served) is { IsEmpty: false } kinds
                ? ConfigurationRules.Judge(request, Hierarchy, Served, [.. objects.Where(read => kinds.Contains(read.Kind))])
                : answer);
    }

    public static string Told(AdmissionAnswer? answer) => answer switch
    {
        AdmissionAnswer.Allowed => "allowed",
        AdmissionAnswer.Refused refused => $"{refused.Code} {refused.Message}",
        AdmissionAnswer.Provided provided => "provided " + string.Join(", ", provided.Authorities.Select(authority => $"{authority.Namespace} ({authority.Reason})")),
        _ => "depends",
    };

    public static AdmissionRequest Request(AdmissionOperation operation, string resource, string place, object? now, object? before, string subResource = "")
    {
        var (ns, name) = place.Split('/') is [var first, var second] ? (first, second) : ("", place);
        var dot = resource.IndexOf('.', StringComparison.Ordinal);
        var plural = dot < 0 ? resource : resource[..dot];
        var kind = Served.Concat(Kinds.Inheritance).Append(Kinds.Namespace).FirstOrDefault(kind => kind.Plural == plural);
        return new()
        {
            Operation = operation,
            Group = dot < 0 ? "" : resource[(dot + 1)..],
            Resource = plural,
            SubResource = subResource,
            Kind = kind?.Name ?? "Widget",
            Namespace = ns,
            Name = name,
            User = new AdmissionUser("jane", "", ["system:authenticated"], ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty),
            Object = Reviewed(now),
            Old = Reviewed(before),
        };
    }

    private static JsonObject? Spec(string? spec) => spec is null ? null : new JsonObject { ["metadata"] = new JsonObject(), ["spec"] = JsonNode.Parse(spec) };

    private static ReviewedObject? Reviewed(object? read) => read is null ? null : new ReviewedObject(JsonDocument.Parse(read is JsonNode node ? node.ToJsonString() : read.ToString()!).RootElement);
}
