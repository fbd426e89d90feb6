using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Exporter.Leading;

/// <summary>A Lease as it was read.</summary>
/// <param name="Record">What it says.</param>
/// <param name="Version">Its version; null where there is none yet.</param>
internal readonly record struct ReadLease(LeaseRecord Record, string? Version);

/// <summary>Where the Lease is.</summary>
internal interface ILeaseStore
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ClusterException">It could not be read.</exception>
    Task<ReadLease> ReadAsync(CancellationToken cancellation);

    /// <summary>Writes it over what was read.</summary>
    /// <returns>Its version now; null where somebody was quicker.</returns>
    /// <exception cref="ClusterException">It could not be written.</exception>
    Task<string?> WriteAsync(LeaseRecord record, string? version, CancellationToken cancellation);
}

/// <summary>In the API server.</summary>
internal sealed class LeaseStore(ICluster cluster, LeaseSettings settings) : ILeaseStore
{
    public async Task<ReadLease> ReadAsync(CancellationToken cancellation)
    {
        var lease = await cluster.GetAsync(Kinds.Lease, settings.Namespace, settings.Name, ReadDepth.Content, cancellation).ConfigureAwait(false);
        return new ReadLease(LeaseRecord.Read(lease?.Content), lease?.ResourceVersion);
    }

    public async Task<string?> WriteAsync(LeaseRecord record, string? version, CancellationToken cancellation)
    {
        var write = new Write(
            version is null ? WriteVerb.Create : WriteVerb.Replace, Kinds.Lease, settings.Namespace, settings.Name,
            record.ToJson(settings.Namespace, settings.Name, version));
        return await cluster.SendAsync(write, cancellation).ConfigureAwait(false) switch
        {
            WriteResult.Done done => done.ResourceVersion,
            // Of a namespace that is not there a creation says the same, and that must be told.
            WriteResult.Refused { Failure: { Kind: FailureKind.Overtaken } or { Kind: FailureKind.Gone, StatusCode: 404 } } when version is not null => null,
            WriteResult.Refused { Failure.Kind: FailureKind.Overtaken } => null,
            WriteResult.Refused refused => throw new ClusterException(refused.Failure),
            _ => null,
        };
    }
}
