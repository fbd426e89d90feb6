using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Heliograph.Model;

/// <summary>
/// THE table of kinds: one row each. RBAC manifests, the exporter's watches, settings and documentation follow from it and are held to it by tests.
/// </summary>
public static class Kinds
{
    /// <summary>
    /// Secrets. Helm's release records, service-account tokens and bootstrap tokens are never sources; Helm's are not even listed,
    /// because there are many and they are large.
    /// </summary>
    public static Kind Secret { get; } = new()
    {
        Name = "Secret",
        Plural = "secrets",
        Copied = [new("data", FieldShape.Map)],
        Frozen = "type",
        Lock = "immutable",
        WrittenWhole = true,
        ServedByDefault = true,
        FieldSelector = "type!=helm.sh/release.v1",
        RefusedTypes = ["helm.sh/", "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"],
        RequiredKeys =
        [
            new("kubernetes.io/tls", "tls.crt"), new("kubernetes.io/tls", "tls.key"),
            new("kubernetes.io/dockerconfigjson", ".dockerconfigjson"), new("kubernetes.io/dockercfg", ".dockercfg"),
            new("kubernetes.io/ssh-auth", "ssh-privatekey"), new("kubernetes.io/basic-auth", "username", "password"),
        ],
    };

    /// <summary>ConfigMaps. The CA bundle that the cluster publishes into every namespace is never a source.</summary>
    public static Kind ConfigMap { get; } = new()
    {
        Name = "ConfigMap",
        Plural = "configmaps",
        Copied = [new("data", FieldShape.Map), new("binaryData", FieldShape.Map)],
        Lock = "immutable",
        WrittenWhole = true,
        ServedByDefault = true,
        RefusedNames = ["kube-root-ca.crt"],
        ReservedNames = ["kube-root-ca.crt"],
    };

    /// <summary>Roles. Whoever writes one must hold the permissions in it, or the verb <c>escalate</c>.</summary>
    public static Kind Role { get; } = new()
    {
        Name = "Role",
        Group = "rbac.authorization.k8s.io",
        Plural = "roles",
        Copied = [new("rules", FieldShape.Whole)],
        WrittenWhole = true,
        LooseNames = true,
    };

    /// <summary>
    /// RoleBindings. The role they refer to cannot be changed, and need not exist. Whoever writes one must hold the permissions of that role, or the
    /// verb <c>bind</c> on it.
    /// </summary>
    public static Kind RoleBinding { get; } = new()
    {
        Name = "RoleBinding",
        Group = "rbac.authorization.k8s.io",
        Plural = "rolebindings",
        Copied = [new("subjects", FieldShape.Whole)],
        Frozen = "roleRef",
        WrittenWhole = true,
        LooseNames = true,
    };

    /// <summary>
    /// ServiceAccounts: their pull secrets and whether their token is mounted. Their <c>secrets</c> are credentials of that account and are never
    /// copied, which is why they are not written whole. The account <c>default</c> is in every namespace and workloads run under it, so
    /// nothing is pushed there; a namespace may have its own filled on request.
    /// </summary>
    public static Kind ServiceAccount { get; } = new()
    {
        Name = "ServiceAccount",
        Plural = "serviceaccounts",
        Copied = [new("imagePullSecrets", FieldShape.Whole), new("automountServiceAccountToken", FieldShape.Whole)],
        ReservedNames = ["default"],
    };

    /// <summary>Namespaces: never copied, but their labels decide who gets a mirror.</summary>
    public static Kind Namespace { get; } = new() { Name = "Namespace", Plural = "namespaces", Namespaced = false };

    /// <summary>Kubernetes Events: never copied; how a person is told, on the object concerned. We may only create them.</summary>
    public static Kind Event { get; } = new() { Name = "Event", Plural = "events" };

    /// <summary>Leases: never copied; by one of them the exporter's replicas agree on who publishes.</summary>
    public static Kind Lease { get; } = new()
    {
        Name = "Lease",
        Group = "coordination.k8s.io",
        Plural = "leases",
        Copied = [new("spec", FieldShape.Map)],
        WrittenWhole = true,
    };

    /// <summary>A namespace's place in the tree: its parent, and what it hands down to its descendants' labels.</summary>
    public static Kind HierarchyConfiguration { get; } = Hnc("HierarchyConfiguration", "hierarchyconfigurations");

    /// <summary>A subnamespace as its parent's users see it: the object's name is the subnamespace's.</summary>
    public static Kind SubnamespaceAnchor { get; } = Hnc("SubnamespaceAnchor", "subnamespaceanchors");

    /// <summary>Which kinds are inherited, and how.</summary>
    public static Kind HncConfiguration { get; } = Hnc("HNCConfiguration", "hncconfigurations") with { Namespaced = false };

    /// <summary>A limit on what a namespace and all its descendants use together.</summary>
    public static Kind HierarchicalResourceQuota { get; } = Hnc("HierarchicalResourceQuota", "hierarchicalresourcequotas");

    /// <summary>Resource quotas: never copied; by one in each namespace the API server counts and caps what hierarchical quotas limit.</summary>
    public static Kind ResourceQuota { get; } = new()
    {
        Name = "ResourceQuota",
        Plural = "resourcequotas",
        Copied = [new("spec", FieldShape.Whole), new("status", FieldShape.Whole)],
    };

    /// <summary>The kinds by which namespaces inherit. They are read, and their status is written, where inheritance is on.</summary>
    public static ImmutableArray<Kind> Inheritance { get; } = [HierarchyConfiguration, SubnamespaceAnchor, HncConfiguration, HierarchicalResourceQuota];

    /// <summary>Definitions of kinds: never copied. While one is being deleted, objects of its kind that are not there were not deleted by anybody.</summary>
    public static Kind Definition { get; } = new() { Name = "CustomResourceDefinition", Group = "apiextensions.k8s.io", Plural = "customresourcedefinitions", Namespaced = false };

    /// <summary>Every kind that can be served.</summary>
    public static ImmutableArray<Kind> All { get; } = [Secret, ConfigMap, Role, RoleBinding, ServiceAccount];

    /// <summary>The kinds that are served where nothing is said.</summary>
    public static ImmutableArray<Kind> Default { get; } = [.. All.Where(k => k.ServedByDefault)];

    /// <summary>
    /// Well-known kinds that live outside of namespaces, as <c>kind.group</c>. An owner reference names no namespace, so only to these can it be copied
    /// into another one: anything else would not be found there, and the garbage collector would delete the copy.
    /// </summary>
    public static FrozenSet<string> ClusterScoped { get; } = new[]
    {
        "Namespace.", "Node.", "PersistentVolume.",
        "ClusterRole.rbac.authorization.k8s.io", "ClusterRoleBinding.rbac.authorization.k8s.io",
        "CustomResourceDefinition.apiextensions.k8s.io", "APIService.apiregistration.k8s.io",
        "MutatingWebhookConfiguration.admissionregistration.k8s.io", "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
        "ValidatingAdmissionPolicy.admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
        "MutatingAdmissionPolicy.admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding.admissionregistration.k8s.io",
        "StorageClass.storage.k8s.io", "CSIDriver.storage.k8s.io", "CSINode.storage.k8s.io", "VolumeAttachment.storage.k8s.io",
        "PriorityClass.scheduling.k8s.io", "RuntimeClass.node.k8s.io", "IngressClass.networking.k8s.io", "GatewayClass.gateway.networking.k8s.io",
        "CertificateSigningRequest.certificates.k8s.io", "ClusterTrustBundle.certificates.k8s.io",
        "FlowSchema.flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
        "ClusterIssuer.cert-manager.io", "Bundle.trust.cert-manager.io",
        "ClusterSecretStore.external-secrets.io", "ClusterExternalSecret.external-secrets.io",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static Kind Hnc(string name, string plural) => new()
    {
        Name = name,
        Group = Vocabulary.Hnc.Group,
        Version = "v1alpha2",
        Plural = plural,
        Copied = [new("spec", FieldShape.Whole), new("status", FieldShape.Whole)],
    };
}
