using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>A door to the API server through which nothing can be written, whatever is decided behind it.</summary>
internal sealed class ReadOnlyCluster(ICluster cluster) : ICluster
{
    public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
        cluster.ListAsync(kind, scope, keep, cancellation);

    public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
        cluster.GetAsync(kind, ns, name, depth, cancellation);

    public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) =>
        throw new InvalidOperationException($"an explanation was about to {write}");
}
