using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions.Admission;

/// <summary>
/// Reviews what is done to one resource: reads what the rules need and asks them. Resources come by registering one of these; what none of them is for is
/// an object like any other.
/// </summary>
internal interface IReviewer
{
    /// <summary>The resource, as <c>plural.group</c> (<c>plural</c> for the core group), with <c>/subresource</c> where it is one.</summary>
    string Resource { get; }

    /// <summary>Judges a request.</summary>
    /// <exception cref="Engine.ClusterException">What the rules need could not be read; then nothing passes.</exception>
    Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation);
}
