using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>How much of an object is read.</summary>
public enum ReadDepth
{
    /// <summary>Metadata only; no payload leaves the API server.</summary>
    Metadata,

    /// <summary>Metadata and the copied and frozen fields.</summary>
    Content,
}

/// <summary>What a list covers. Without a namespace it is the whole cluster; with a name it is every object of that name.</summary>
/// <param name="Namespace">Only this namespace; null for all.</param>
/// <param name="Name">Only objects of this name; null for all.</param>
/// <param name="NotOlderThan">
/// Any state of the world from this version on will do, which the API server has in its cache; null for the newest, which it may have to fetch from its
/// store object by object.
/// </param>
/// <param name="Depth">How much of each object is read. A list of everything with content may be large.</param>
public readonly record struct ListScope(string? Namespace = null, string? Name = null, string? NotOlderThan = null, ReadDepth Depth = ReadDepth.Metadata);

/// <summary>What a list answered.</summary>
/// <param name="Items">The objects kept.</param>
/// <param name="ResourceVersion">
/// The version at which the list was read. Versions of all kinds come from one counter, so that an object with a higher version changed after the list.
/// </param>
public sealed record Listing(IReadOnlyList<Snapshot> Items, string ResourceVersion);

/// <summary>
/// The engine's door to the API server. Reads are consistent: they answer with a state no older than the moment they were asked for, or, for a list that
/// asks for less, with one no older than <see cref="ListScope.NotOlderThan"/>.
/// </summary>
public interface ICluster
{
    /// <summary>Lists objects, metadata alone unless the scope asks for more, reading page by page so that what is not kept costs no memory.</summary>
    /// <param name="kind">What to list.</param>
    /// <param name="scope">Where.</param>
    /// <param name="keep">Which objects to keep; null for all.</param>
    /// <param name="cancellation">Ends the list.</param>
    /// <exception cref="ClusterException">The list could not be read, or not to its end.</exception>
    Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation);

    /// <summary>Reads one object.</summary>
    /// <returns>The object; null where there is none.</returns>
    /// <exception cref="ClusterException">The object could not be read.</exception>
    Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation);

    /// <summary>Sends one write. What the API server refuses is an answer, not an exception.</summary>
    Task<WriteResult> SendAsync(Write write, CancellationToken cancellation);
}

/// <summary>The API server's answer to a write.</summary>
public abstract record WriteResult
{
    private WriteResult()
    {
    }

    /// <summary>It is done.</summary>
    /// <param name="Uid">The object's UID as answered.</param>
    /// <param name="ResourceVersion">The version that the write made; empty for a deletion.</param>
    public sealed record Done(string Uid, string ResourceVersion) : WriteResult;

    /// <summary>It is not done, and nothing was changed — except for <see cref="FailureKind.Unanswered"/>, where nobody knows.</summary>
    public sealed record Refused(Failure Failure) : WriteResult;
}
