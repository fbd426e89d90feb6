using System.Collections.Frozen;

namespace Heliograph.Model;

/// <summary>
/// Every annotation key that this project reads or writes: our own and those of the two peers whose objects are served as they are.
/// </summary>
public static class Vocabulary
{
    /// <summary>The field manager under which every write is made. Echo recognition and drift detection rest on it.</summary>
    public const string FieldManager = "heliograph";

    /// <summary>The field manager of what follows from the tree of namespaces: nobody else writes it.</summary>
    public const string TreeFieldManager = "heliograph-tree";

    /// <summary>Our own keys, <c>heliograph.dev/…</c>.</summary>
    public static class Heliograph
    {
        /// <summary>What every key of ours starts with.</summary>
        public const string Prefix = "heliograph.dev/";

        /// <summary>On a mirror: the source as <c>Kind/namespace/name</c>.</summary>
        public const string Source = Prefix + "source";

        /// <summary>On a mirror: the UID of the source it was copied from, so that a re-created source is told apart.</summary>
        public const string SourceUid = Prefix + "source-uid";

        /// <summary>On a mirror: the source's resourceVersion at the time of the copy.</summary>
        public const string SourceVersion = Prefix + "source-version";

        /// <summary>On an inherited copy: a version of which the namespaces and their tree were known when it was written, by which its echo is told from news.</summary>
        public const string NamespacesVersion = Prefix + "namespaces-version";

        /// <summary>
        /// On a mirror that we did not make but filled on its own request: <see cref="MirrorOnRequest"/>. It outlives the request, so that an object
        /// whose request was withdrawn is not taken for one that we made, and deleted.
        /// </summary>
        public const string Mirror = Prefix + "mirror";

        /// <summary>The value of <see cref="Mirror"/>.</summary>
        public const string MirrorOnRequest = "on-request";

        /// <summary>On a source: patterns of the namespaces to push to.</summary>
        public const string PushTo = Prefix + "push-to";

        /// <summary>On a source: a selector of the namespaces to push to, united with <see cref="PushTo"/>.</summary>
        public const string PushToMatching = Prefix + "push-to-matching";

        /// <summary>On a source: patterns of the namespaces that may pull.</summary>
        public const string AllowPullFrom = Prefix + "allow-pull-from";

        /// <summary>On a source: the mirror's name; <c>{name}</c> and <c>{namespace}</c> are the source's.</summary>
        public const string Name = Prefix + "name";

        /// <summary>On a source: patterns of the keys to copy.</summary>
        public const string Keys = Prefix + "keys";

        /// <summary>On a source: comma list of <c>old=new</c> key names.</summary>
        public const string RenameKeys = Prefix + "rename-keys";

        /// <summary>On a source: patterns of the labels to copy.</summary>
        public const string CopyLabels = Prefix + "copy-labels";

        /// <summary>On a source: patterns of the annotations to copy.</summary>
        public const string CopyAnnotations = Prefix + "copy-annotations";

        /// <summary>On a source: a YAML mapping of labels to set on mirrors.</summary>
        public const string SetLabels = Prefix + "set-labels";

        /// <summary>On a source: a YAML mapping of annotations to set on mirrors.</summary>
        public const string SetAnnotations = Prefix + "set-annotations";

        /// <summary>On a source: <c>delete</c> or <c>keep</c> mirrors that are no longer wanted.</summary>
        public const string OnRelease = Prefix + "on-release";

        /// <summary>On a mirror: the source to pull from, as <c>namespace/name</c>.</summary>
        public const string PullFrom = Prefix + "pull-from";

        /// <summary>On a foreign object: consent to be made a mirror.</summary>
        public const string Adopt = Prefix + "adopt";

        /// <summary>On a namespace: patterns of the source namespaces from which pushes are accepted.</summary>
        public const string AcceptFrom = Prefix + "accept-from";

        /// <summary>On a namespace: patterns of the namespaces that may choose it as their parent.</summary>
        public const string AcceptChildren = Prefix + "accept-children";
    }

    /// <summary>Reflector's keys, <c>reflector.v1.k8s.emberstack.com/…</c>.</summary>
    public static class Reflector
    {
        /// <summary>What every key of Reflector's starts with.</summary>
        public const string Prefix = "reflector.v1.k8s.emberstack.com/";

        /// <summary>On a source: the gate for everything else; a boolean.</summary>
        public const string Allowed = Prefix + "reflection-allowed";

        /// <summary>On a source: patterns of the namespaces that may hold a mirror; missing or empty means all.</summary>
        public const string AllowedNamespaces = Prefix + "reflection-allowed-namespaces";

        /// <summary>On a source: a selector of the namespaces that may hold a mirror, united with the patterns.</summary>
        public const string AllowedNamespacesSelector = Prefix + "reflection-allowed-namespaces-selector";

        /// <summary>On a source: whether mirrors are made by the controller; a boolean.</summary>
        public const string AutoEnabled = Prefix + "reflection-auto-enabled";

        /// <summary>On a source: patterns of the namespaces to push to, within the allowed ones; missing or empty means all allowed.</summary>
        public const string AutoNamespaces = Prefix + "reflection-auto-namespaces";

        /// <summary>On a source: a selector of the namespaces to push to, united with the patterns.</summary>
        public const string AutoNamespacesSelector = Prefix + "reflection-auto-namespaces-selector";

        /// <summary>On a mirror: its source, <c>namespace/name</c>.</summary>
        public const string Reflects = Prefix + "reflects";

        /// <summary>On a mirror: <c>True</c> where the controller made it, <c>False</c> where the user asked for it.</summary>
        public const string AutoReflects = Prefix + "auto-reflects";

        /// <summary>On a mirror: the source's resourceVersion at the time of the copy.</summary>
        public const string ReflectedVersion = Prefix + "reflected-version";

        /// <summary>On a mirror: when the copy was made, RFC 3339.</summary>
        public const string ReflectedAt = Prefix + "reflected-at";
    }

    /// <summary>Replicator's keys, <c>replicator.v1.mittwald.de/…</c>.</summary>
    public static class Replicator
    {
        /// <summary>What every key of Replicator's starts with.</summary>
        public const string Prefix = "replicator.v1.mittwald.de/";

        /// <summary>On a source: patterns of the namespaces to push to.</summary>
        public const string ReplicateTo = Prefix + "replicate-to";

        /// <summary>On a source: a selector of the namespaces to push to; empty means every namespace.</summary>
        public const string ReplicateToMatching = Prefix + "replicate-to-matching";

        /// <summary>On a mirror: its source, <c>namespace/name</c>.</summary>
        public const string ReplicateFrom = Prefix + "replicate-from";

        /// <summary>On a source: whether it may be pulled; a boolean.</summary>
        public const string ReplicationAllowed = Prefix + "replication-allowed";

        /// <summary>On a source: patterns of the namespaces that may pull; missing or empty means none.</summary>
        public const string ReplicationAllowedNamespaces = Prefix + "replication-allowed-namespaces";

        /// <summary>On a source: copy the owner references; a boolean.</summary>
        public const string KeepOwnerReferences = Prefix + "keep-owner-references";

        /// <summary>On a source: do not copy labels; a boolean.</summary>
        public const string StripLabels = Prefix + "strip-labels";

        /// <summary>On a mirror: when the copy was made, RFC 3339.</summary>
        public const string ReplicatedAt = Prefix + "replicated-at";

        /// <summary>On a mirror: the source's resourceVersion at the time of the copy.</summary>
        public const string ReplicatedFromVersion = Prefix + "replicated-from-version";

        /// <summary>On a mirror: the sorted comma list of keys that were copied.</summary>
        public const string ReplicatedKeys = Prefix + "replicated-keys";
    }

    /// <summary>What the Hierarchical Namespace Controller's objects, labels and annotations are called, <c>hnc.x-k8s.io/…</c>. They are served as they are.</summary>
    public static class Hnc
    {
        /// <summary>The API group, and what the prefix of every key of HNC's ends with.</summary>
        public const string Group = "hnc.x-k8s.io";

        /// <summary>The name of the one HierarchyConfiguration of a namespace.</summary>
        public const string Hierarchy = "hierarchy";

        /// <summary>The name of the one HNCConfiguration.</summary>
        public const string Configuration = "config";

        /// <summary>A label of every inherited copy: the namespace of the source.</summary>
        public const string InheritedFrom = Group + "/inherited-from";

        /// <summary>A label of every inherited copy, with the value <see cref="Group"/>.</summary>
        public const string ManagedByLabel = "app.kubernetes.io/managed-by";

        /// <summary>A label of every namespace that can have a place in a tree.</summary>
        public const string IncludedNamespace = Group + "/included-namespace";

        /// <summary>What follows a namespace's name in the label that tells how far above it stands.</summary>
        public const string TreeDepthSuffix = ".tree." + Group + "/depth";

        /// <summary>An annotation of namespaces whose tree is somebody else's: who that is.</summary>
        public const string ManagedBy = Group + "/managed-by";

        /// <summary>An annotation of a subnamespace: its parent.</summary>
        public const string SubnamespaceOf = Group + "/subnamespace-of";

        /// <summary>What the keys of all exceptions start with.</summary>
        public const string PropagatePrefix = "propagate." + Group + "/";

        /// <summary>An annotation of a source: a selector of the namespaces that shall have copies.</summary>
        public const string Select = PropagatePrefix + "select";

        /// <summary>An annotation of a source: the part of the tree that shall have copies.</summary>
        public const string TreeSelect = PropagatePrefix + "treeSelect";

        /// <summary>An annotation of a source: no namespace shall have a copy; a boolean.</summary>
        public const string None = PropagatePrefix + "none";

        /// <summary>An annotation of a source: every descendant shall have a copy; a boolean.</summary>
        public const string All = PropagatePrefix + "all";

        /// <summary>A finalizer of the HierarchyConfiguration of a namespace that has subnamespaces.</summary>
        public const string HasSubnamespace = Group + "/hasSubnamespace";

        /// <summary>A finalizer of anchors.</summary>
        public const string AnchorFinalizer = Group;

        /// <summary>The ResourceQuota by which hierarchical quotas limit one namespace.</summary>
        public const string Quota = "hrq." + Group;

        /// <summary>A label of <see cref="Quota"/>.</summary>
        public const string QuotaLabel = Group + "/hrq";

        /// <summary>Whether a label or an annotation is HNC's. Such keys say something of the object that bears them and are never copied.</summary>
        public static bool Owns(string key)
        {
            var slash = key.IndexOf('/', StringComparison.Ordinal);
            return slash > 0 && key.AsSpan(0, slash).EndsWith(Group, StringComparison.Ordinal);
        }

        /// <summary>The label by which a namespace tells how far above it another one stands.</summary>
        public static string DepthLabel(string ns) => ns + TreeDepthSuffix;
    }

    /// <summary>Every key above. A key with one of the prefixes that is not among them is a typing error, or from another version.</summary>
    public static FrozenSet<string> Keys { get; } = new[]
    {
        Heliograph.Source, Heliograph.SourceUid, Heliograph.SourceVersion, Heliograph.NamespacesVersion, Heliograph.Mirror, Heliograph.PushTo, Heliograph.PushToMatching,
        Heliograph.AllowPullFrom, Heliograph.Name, Heliograph.Keys, Heliograph.RenameKeys, Heliograph.CopyLabels, Heliograph.CopyAnnotations,
        Heliograph.SetLabels, Heliograph.SetAnnotations, Heliograph.OnRelease, Heliograph.PullFrom, Heliograph.Adopt, Heliograph.AcceptFrom, Heliograph.AcceptChildren,
        Reflector.Allowed, Reflector.AllowedNamespaces, Reflector.AllowedNamespacesSelector, Reflector.AutoEnabled, Reflector.AutoNamespaces,
        Reflector.AutoNamespacesSelector, Reflector.Reflects, Reflector.AutoReflects, Reflector.ReflectedVersion, Reflector.ReflectedAt,
        Replicator.ReplicateTo, Replicator.ReplicateToMatching, Replicator.ReplicateFrom, Replicator.ReplicationAllowed,
        Replicator.ReplicationAllowedNamespaces, Replicator.KeepOwnerReferences, Replicator.StripLabels, Replicator.ReplicatedAt,
        Replicator.ReplicatedFromVersion, Replicator.ReplicatedKeys,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether an annotation key belongs to one of the vocabularies, that is: whether it can mean anything to us.</summary>
    /// <param name="key">The annotation's key.</param>
    /// <returns>True for keys of ours and of the two peers.</returns>
    public static bool Contains(string key) =>
        key.StartsWith(Heliograph.Prefix, StringComparison.Ordinal)
        || key.StartsWith(Reflector.Prefix, StringComparison.Ordinal)
        || key.StartsWith(Replicator.Prefix, StringComparison.Ordinal);
}
