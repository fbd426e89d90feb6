using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Engine;

/// <summary>Asks the API server what somebody else may do.</summary>
public interface IPermissions
{
    /// <summary>Whether a user may do something to the objects of a resource in a namespace.</summary>
    /// <param name="user">Who.</param>
    /// <param name="verb">What, for example <c>update</c>.</param>
    /// <param name="group">The resource's API group; empty for the core group.</param>
    /// <param name="resource">The resource's plural name.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="ClusterException">The API server did not say.</exception>
    Task<bool> MayAsync(AdmissionUser user, string verb, string group, string resource, string ns, CancellationToken cancellation);
}
