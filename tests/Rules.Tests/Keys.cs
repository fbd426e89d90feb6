using Heliograph.Model;

namespace Heliograph.Rules.Tests;

/// <summary>The annotation keys by short names, so that tables of them can be read.</summary>
internal static class Keys
{
    public const string Source = Vocabulary.Heliograph.Source;
    public const string SourceUid = Vocabulary.Heliograph.SourceUid;
    public const string SourceVersion = Vocabulary.Heliograph.SourceVersion;
    public const string Mirror = Vocabulary.Heliograph.Mirror;
    public const string PushTo = Vocabulary.Heliograph.PushTo;
    public const string PushToMatching = Vocabulary.Heliograph.PushToMatching;
    public const string AllowPullFrom = Vocabulary.Heliograph.AllowPullFrom;
    public const string NewName = Vocabulary.Heliograph.Name;
    public const string OnlyKeys = Vocabulary.Heliograph.Keys;
    public const string RenameKeys = Vocabulary.Heliograph.RenameKeys;
    public const string CopyLabels = Vocabulary.Heliograph.CopyLabels;
    public const string CopyAnnotations = Vocabulary.Heliograph.CopyAnnotations;
    public const string SetLabels = Vocabulary.Heliograph.SetLabels;
    public const string SetAnnotations = Vocabulary.Heliograph.SetAnnotations;
    public const string OnRelease = Vocabulary.Heliograph.OnRelease;
    public const string PullFrom = Vocabulary.Heliograph.PullFrom;
    public const string Adopt = Vocabulary.Heliograph.Adopt;
    public const string AcceptFrom = Vocabulary.Heliograph.AcceptFrom;
    public const string AcceptChildren = Vocabulary.Heliograph.AcceptChildren;

    public const string Allowed = Vocabulary.Reflector.Allowed;
    public const string AllowedNamespaces = Vocabulary.Reflector.AllowedNamespaces;
    public const string AllowedSelector = Vocabulary.Reflector.AllowedNamespacesSelector;
    public const string Auto = Vocabulary.Reflector.AutoEnabled;
    public const string AutoNamespaces = Vocabulary.Reflector.AutoNamespaces;
    public const string AutoSelector = Vocabulary.Reflector.AutoNamespacesSelector;
    public const string Reflects = Vocabulary.Reflector.Reflects;
    public const string AutoReflects = Vocabulary.Reflector.AutoReflects;
    public const string ReflectedVersion = Vocabulary.Reflector.ReflectedVersion;
    public const string ReflectedAt = Vocabulary.Reflector.ReflectedAt;

    public const string ReplicateTo = Vocabulary.Replicator.ReplicateTo;
    public const string ReplicateToMatching = Vocabulary.Replicator.ReplicateToMatching;
    public const string ReplicateFrom = Vocabulary.Replicator.ReplicateFrom;
    public const string ReplicationAllowed = Vocabulary.Replicator.ReplicationAllowed;
    public const string ReplicationAllowedNamespaces = Vocabulary.Replicator.ReplicationAllowedNamespaces;
    public const string KeepOwners = Vocabulary.Replicator.KeepOwnerReferences;
    public const string StripLabels = Vocabulary.Replicator.StripLabels;
    public const string ReplicatedAt = Vocabulary.Replicator.ReplicatedAt;
    public const string ReplicatedFromVersion = Vocabulary.Replicator.ReplicatedFromVersion;
    public const string ReplicatedKeys = Vocabulary.Replicator.ReplicatedKeys;
}
