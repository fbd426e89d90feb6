using System.Text.Json.Nodes;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine.Tests.Interleavings;

/// <summary>Doors that make the engine behave as if it had been built the wrong way. Each must be caught, or the exploration proves nothing.</summary>
internal static class Mutants
{
    /// <summary>The source is read before the mirrors: it is fetched when the first list is asked for, and that answer is used later.</summary>
    internal sealed class SourceFirst(ICluster real, ResourceRef source) : ICluster
    {
        private Task<Snapshot?>? early;

        public async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            if (kind.Name == source.Kind)
                await (early = real.GetAsync(kind, source.Namespace, source.Name, ReadDepth.Content, cancellation));
            return await real.ListAsync(kind, scope, keep, cancellation);
        }

        public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            depth == ReadDepth.Content && new ResourceRef(kind.Name, ns, name) == source && early is { } task
                ? task
                : real.GetAsync(kind, ns, name, depth, cancellation);

        public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) => real.SendAsync(write, cancellation);
    }

    /// <summary>After creations the source is not looked at once more: the answer is what was read before.</summary>
    internal sealed class NoSecondLook(ICluster real) : ICluster
    {
        private Snapshot? last;

        public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
            real.ListAsync(kind, scope, keep, cancellation);

        public async Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            depth == ReadDepth.Metadata && last?.Name == name && last.Namespace == ns
                ? last
                : last = await real.GetAsync(kind, ns, name, depth, cancellation);

        public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) => real.SendAsync(write, cancellation);
    }

    /// <summary>Lists may be answered with any state there ever was, also one from before the event.</summary>
    internal sealed class AnyState(ICluster real) : ICluster
    {
        public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
            real.ListAsync(kind, scope.NotOlderThan is null ? scope : scope with { NotOlderThan = "0" }, keep, cancellation);

        public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            real.GetAsync(kind, ns, name, depth, cancellation);

        public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) => real.SendAsync(write, cancellation);
    }

    /// <summary>Writes rest on nothing: versions and UIDs are taken out of every body.</summary>
    internal sealed class NoPreconditions(ICluster real) : ICluster
    {
        public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
            real.ListAsync(kind, scope, keep, cancellation);

        public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            real.GetAsync(kind, ns, name, depth, cancellation);

        public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation)
        {
            var body = JsonNode.Parse(write.Body.Span)!.AsObject();
            body.Remove("preconditions");
            if (body["metadata"] is JsonObject metadata)
            {
                metadata.Remove("resourceVersion");
                metadata.Remove("uid");
            }
            return real.SendAsync(write with { Body = System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()) }, cancellation);
        }
    }
}
