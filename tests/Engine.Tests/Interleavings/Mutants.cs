using Heliograph.Fakes;
using Heliograph.Model;

namespace Heliograph.Engine.Tests.Interleavings;

/// <summary>Doors that make the engine behave as if it had been built the wrong way. Each must be caught, or the exploration proves nothing.</summary>
internal static class Mutants
{
    /// <summary>The source is read before the mirrors: it is fetched when the first list is asked for, and that answer is used later.</summary>
    internal sealed class SourceFirst(ICluster real, ResourceRef source) : PassingDoor(real)
    {
        private Task<Snapshot?>? early;

        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            if (kind.Name == source.Kind)
                await (early = Real.GetAsync(kind, source.Namespace, source.Name, ReadDepth.Content, cancellation));
            return await Real.ListAsync(kind, scope, keep, cancellation);
        }

        public override Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            depth == ReadDepth.Content && new ResourceRef(kind.Name, ns, name) == source && early is { } task
                ? task
                : Real.GetAsync(kind, ns, name, depth, cancellation);
    }

    /// <summary>After creations the source is not looked at once more: the answer is what was read before.</summary>
    internal sealed class NoSecondLook(ICluster real) : PassingDoor(real)
    {
        private Snapshot? last;

        public override async Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            depth == ReadDepth.Metadata && last?.Name == name && last.Namespace == ns
                ? last
                : last = await Real.GetAsync(kind, ns, name, depth, cancellation);
    }

    /// <summary>Lists may be answered with any state there ever was, also one from before the event.</summary>
    internal sealed class AnyState(ICluster real) : PassingDoor(real)
    {
        public override Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
            Real.ListAsync(kind, scope.NotOlderThan is null ? scope : scope with { NotOlderThan = "0" }, keep, cancellation);
    }
}
