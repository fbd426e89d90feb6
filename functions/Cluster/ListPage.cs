using Heliograph.Model;

namespace Heliograph.Cluster;

/// <summary>One page of a list.</summary>
/// <param name="Objects">The objects, metadata only, in the order of the API server.</param>
/// <param name="ResourceVersion">The version of the whole list, the same on every page: once the last page is read, a watch can start there.</param>
/// <param name="IsLast">Whether the list is complete with this page.</param>
public sealed record ListPage(IReadOnlyList<Snapshot> Objects, string ResourceVersion, bool IsLast);
