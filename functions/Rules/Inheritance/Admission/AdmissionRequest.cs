using System.Collections.Immutable;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>What somebody is about to do to an object.</summary>
public enum AdmissionOperation
{
    /// <summary>It is created.</summary>
    Create,

    /// <summary>It is changed.</summary>
    Update,

    /// <summary>It is deleted.</summary>
    Delete,

    /// <summary>Something that no rule is about.</summary>
    Other,
}

/// <summary>Who asks, as the API server knows him.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Uid">His UID; empty where there is none.</param>
/// <param name="Groups">His groups.</param>
/// <param name="Extra">What else his authentication said of him.</param>
public sealed record AdmissionUser(string Name, string Uid, ImmutableArray<string> Groups, ImmutableSortedDictionary<string, ImmutableArray<string>> Extra)
{
    /// <summary>Whether he is a service account of a namespace.</summary>
    public bool IsServiceAccountOf(string ns) => Groups.Contains("system:serviceaccounts:" + ns, StringComparer.Ordinal);
}

/// <summary>A request to the API server, before it is carried out.</summary>
public sealed record AdmissionRequest
{
    /// <summary>What is about to be done.</summary>
    public required AdmissionOperation Operation { get; init; }

    /// <summary>The resource's API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The resource's plural name.</summary>
    public required string Resource { get; init; }

    /// <summary>The subresource, for example <c>status</c>; empty for the object itself.</summary>
    public required string SubResource { get; init; }

    /// <summary>The object's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The object's namespace; empty for a cluster-scoped object.</summary>
    public required string Namespace { get; init; }

    /// <summary>The object's name; empty where the API server is still to make one up.</summary>
    public required string Name { get; init; }

    /// <summary>Who asks.</summary>
    public required AdmissionUser User { get; init; }

    /// <summary>The object as it would be; null for a deletion.</summary>
    public ReviewedObject? Object { get; init; }

    /// <summary>The object as it is; null for a creation.</summary>
    public ReviewedObject? Old { get; init; }

    /// <summary>The resource as it is told to people: <c>secrets</c>, <c>roles.rbac.authorization.k8s.io</c>.</summary>
    public string QualifiedResource => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    /// <summary>The kind as it is told to people: <c>HierarchyConfiguration.hnc.x-k8s.io</c>.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>Whether the part of the object that people write is the same before and after.</summary>
    internal bool LeavesSpec => Operation == AdmissionOperation.Update && Object is { } now && Old is { } before && now.HasSpecOf(before);

    /// <summary>Names what is done to which object, never what is in it.</summary>
    public override string ToString() =>
        $"{Operation} {QualifiedResource}{(SubResource.Length == 0 ? "" : "/" + SubResource)} {(Namespace.Length == 0 ? "" : Namespace + "/")}{Name}";
}
