using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// Which owner references of a source its mirrors get, where the source asks for that. An owner reference names no namespace: the owner is looked for
/// where the object is, and an object whose owner is not found is deleted by the garbage collector. So only references to owners that are
/// cluster-scoped, or in the mirror's own namespace, are copied.
/// </summary>
internal static class OwnerReferences
{
    /// <summary>The references for a mirror in a namespace.</summary>
    public static ImmutableArray<JsonElement> Of(Snapshot source, MirrorPolicy policy, string ns) =>
        [.. Asked(source, policy).Where(owner => IsFound(owner, source, ns))];

    /// <summary>In a sentence, which references are not copied into a namespace; empty where all are.</summary>
    public static string NoteOf(Snapshot source, MirrorPolicy policy, string ns)
    {
        if (!policy.KeepOwnerReferences)
            return "";
        var lost = Asked(source, policy).Where(owner => !IsFound(owner, source, ns)).Select(owner => $"{Text(owner, "kind")}/{Text(owner, "name")}").ToImmutableArray();
        return lost.IsEmpty
            ? ""
            : $"{Vocabulary.Replicator.KeepOwnerReferences}: not copied to {ns}: {string.Join(", ", lost)}, which would not be found there, so that the mirror would be deleted as garbage";
    }

    /// <summary>Whether the references stand on a mirror.</summary>
    public static bool StandOn(Snapshot mirror, ImmutableArray<JsonElement> owners)
    {
        foreach (var owner in owners)
        {
            if (!On(mirror).Any(standing => JsonElement.DeepEquals(standing, owner)))
                return false;
        }
        return true;
    }

    /// <summary>The whole list for a mirror: these, and those of others that are there.</summary>
    public static ImmutableArray<JsonElement> Merged(Snapshot mirror, ImmutableArray<JsonElement> owners)
    {
        var uids = owners.Select(UidOf).ToHashSet(StringComparer.Ordinal);
        return [.. On(mirror).Where(standing => !uids.Contains(UidOf(standing)) && !mirror.Ownership.IsOurs("ownerReferences/" + UidOf(standing))), .. owners];
    }

    /// <summary>Whether the list on a mirror is this one.</summary>
    public static bool AreExactly(Snapshot mirror, ImmutableArray<JsonElement> owners) =>
        On(mirror).Length == owners.Length && StandOn(mirror, owners);

    private static ImmutableArray<JsonElement> Asked(Snapshot source, MirrorPolicy policy) => policy.KeepOwnerReferences ? On(source) : [];

    private static ImmutableArray<JsonElement> On(Snapshot read) =>
        read.OwnerReferences.ValueKind == JsonValueKind.Array ? [.. read.OwnerReferences.EnumerateArray()] : [];

    private static bool IsFound(JsonElement owner, Snapshot source, string ns)
    {
        if (ns == source.Namespace)
            return true;
        var version = Text(owner, "apiVersion");
        var group = version.Contains('/', StringComparison.Ordinal) ? version[..version.IndexOf('/', StringComparison.Ordinal)] : "";
        return Kinds.ClusterScoped.Contains($"{Text(owner, "kind")}.{group}");
    }

    private static string UidOf(JsonElement owner) => Text(owner, "uid");

    private static string Text(JsonElement owner, string member) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
