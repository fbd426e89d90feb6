using System.Collections.Immutable;
using System.Text;
using Heliograph.Engine;
using Heliograph.Fakes;
using Heliograph.Model;
using Verdict = Heliograph.Watching.Verdict;

namespace Heliograph.Simulation.Tests;

/// <summary>Inheritance built wrongly, each time in one way that a person might choose.</summary>
internal static class TreeMutants
{
    /// <summary>Each with its name.</summary>
    public static IReadOnlyDictionary<string, Mutation> All { get; } = new Dictionary<string, Mutation>
    {
        ["a child's word is enough"] = new() { Settings = right => right with { Inheritance = right.Inheritance! with { TrustChildren = true } } },
        ["the tree is what the labels say"] = new() { Door = (real, _) => new LabelsBelieved(real) },
        ["namesakes further down win"] = new() { Door = (real, _) => new NearestWins(real) },
        ["exceptions count for nothing"] = new() { Door = (real, _) => new WithoutExceptions(real) },
        ["HierarchyConfigurations concern nobody"] = new() { Judge = (line, verdict) => KindOf(line) == Kinds.HierarchyConfiguration.Name ? Verdict.Irrelevant : verdict },
        ["anchors concern nobody"] = new() { Judge = (line, verdict) => KindOf(line) == Kinds.SubnamespaceAnchor.Name ? Verdict.Irrelevant : verdict },
        ["copies made by an older tree are echoes"] = new() { Judge = (line, verdict) => line is WatchLine.Added added && added.Object.Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom) ? Verdict.Echo : verdict },
        ["the tree does not depend on namespaces"] = new() { Judge = (_, verdict) => verdict is Verdict.Tell tell ? WithoutPlace(tell) : verdict },
    };

    private static string? KindOf(WatchLine line) => line switch
    {
        WatchLine.Added added => added.Object.Kind.Name,
        WatchLine.Modified modified => modified.Object.Kind.Name,
        WatchLine.Deleted deleted => deleted.Object.Kind.Name,
        _ => null,
    };

    /// <summary>A namespace's place is told in the name of its HierarchyConfiguration, without a version.</summary>
    private static Verdict WithoutPlace(Verdict.Tell tell) =>
        IsPlace(tell.Notice) ? Verdict.Irrelevant : tell.Also is { } also && IsPlace(also) ? tell with { Also = null } : tell;

    private static bool IsPlace(Heliograph.Watching.Notice notice) =>
        notice.Hint is Hint.ObjectChanged { ResourceVersion.Length: 0 } changed && changed.Object.Kind == Kinds.HierarchyConfiguration.Name;

    /// <summary>The namespace that a label says is right above.</summary>
    private static string? ParentOf(Snapshot ns) => ns.Labels.FirstOrDefault(label => label.Key.EndsWith(Vocabulary.Hnc.TreeDepthSuffix, StringComparison.Ordinal) && label.Value == "1").Key is { } key
        ? key[..^Vocabulary.Hnc.TreeDepthSuffix.Length]
        : null;

    /// <summary>Instead of what HierarchyConfigurations say, their namespaces' labels are read.</summary>
    private sealed class LabelsBelieved(ICluster real) : PassingDoor(real)
    {
        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            var listed = await Real.ListAsync(kind, scope, keep, cancellation);
            if (kind.Name != Kinds.HierarchyConfiguration.Name)
                return listed;
            var namespaces = (await Real.ListAsync(Kinds.Namespace, new(), null, cancellation)).Items;
            return listed with { Items = [.. namespaces.Where(ns => ParentOf(ns) is not null).Select(Written)] };
        }

        private static Snapshot Written(Snapshot ns) => SnapshotReader.Read(
            Encoding.UTF8.GetBytes($$$"""{"metadata": {"name": "hierarchy", "namespace": "{{{ns.Name}}}", "uid": "u", "resourceVersion": "1"}, "spec": {"parent": "{{{ParentOf(ns)}}}"}}"""),
            Kinds.HierarchyConfiguration, withContent: true);
    }

    /// <summary>What has a namesake in a namespace below its own is not seen.</summary>
    private sealed class NearestWins(ICluster real) : PassingDoor(real)
    {
        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            var listed = await Real.ListAsync(kind, scope, keep, cancellation);
            return IsInherited(kind) ? listed with { Items = [.. await SeenAsync(listed.Items, cancellation)] } : listed;
        }

        public override async Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation)
        {
            var read = await Real.GetAsync(kind, ns, name, depth, cancellation);
            return read is null || !IsInherited(kind) ? read : (await SeenAsync([read], cancellation)).FirstOrDefault();
        }

        private static bool IsInherited(Kind kind) => Kinds.All.Any(one => one.Name == kind.Name);

        private async Task<IEnumerable<Snapshot>> SeenAsync(IReadOnlyList<Snapshot> read, CancellationToken cancellation)
        {
            if (read.Count == 0)
                return read;
            var namespaces = (await Real.ListAsync(Kinds.Namespace, new(), null, cancellation)).Items.ToDictionary(ns => ns.Name);
            var own = (await Real.ListAsync(read[0].Kind, new(), null, cancellation)).Items.Where(IsOwn).ToList();
            return read.Where(one => !IsOwn(one) || !own.Exists(other =>
                other.Name == one.Name && other.Namespace != one.Namespace && namespaces.GetValueOrDefault(other.Namespace)?.Labels.ContainsKey(Vocabulary.Hnc.DepthLabel(one.Namespace)) == true));
        }

        private static bool IsOwn(Snapshot read) => !read.Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom);
    }

    /// <summary>Annotations of HNC's are not seen on what is inherited.</summary>
    private sealed class WithoutExceptions(ICluster real) : PassingDoor(real)
    {
        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            var listed = await Real.ListAsync(kind, scope, keep, cancellation);
            return listed with { Items = [.. listed.Items.Select(Stripped)] };
        }

        public override async Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            await Real.GetAsync(kind, ns, name, depth, cancellation) is { } read ? Stripped(read) : null;

        private static Snapshot Stripped(Snapshot read) => read with
        {
            Annotations = read.Annotations.Where(annotation => !annotation.Key.StartsWith(Vocabulary.Hnc.PropagatePrefix, StringComparison.Ordinal)).ToImmutableDictionary(StringComparer.Ordinal),
        };
    }
}
