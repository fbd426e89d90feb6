using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Fakes;

/// <summary>A door to the API server that passes everything on, for those that change one thing on the way.</summary>
public abstract class PassingDoor(ICluster real) : ICluster
{
    /// <summary>The door behind this one.</summary>
    protected ICluster Real { get; } = real;

    /// <inheritdoc/>
    public virtual Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
        Real.ListAsync(kind, scope, keep, cancellation);

    /// <inheritdoc/>
    public virtual Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
        Real.GetAsync(kind, ns, name, depth, cancellation);

    /// <inheritdoc/>
    public virtual Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) => Real.SendAsync(write, cancellation);
}

/// <summary>Writes rest on nothing: versions and UIDs are taken out of every body. A way to build the engine wrongly.</summary>
public sealed class NoPreconditions(ICluster real) : PassingDoor(real)
{
    /// <inheritdoc/>
    public override Task<WriteResult> SendAsync(Write write, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(write);
        var body = JsonNode.Parse(write.Body.Span)!.AsObject();
        body.Remove("preconditions");
        if (body["metadata"] is JsonObject metadata)
        {
            metadata.Remove("resourceVersion");
            metadata.Remove("uid");
        }
        return Real.SendAsync(write with { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) }, cancellation);
    }
}
