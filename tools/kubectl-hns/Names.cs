using Heliograph.Cluster;

namespace Heliograph.Hns;

/// <summary>Names as parts of paths.</summary>
internal static class Names
{
    /// <summary>A name that is safe in a path: what a person typed never becomes another path.</summary>
    /// <exception cref="HnsException">No object can have that name.</exception>
    public static string Segment(string name) =>
        ApiPath.IsSegment(name) ? Uri.EscapeDataString(name) : throw new HnsException($"Error: \"{name}\" is not a name that an object can have");
}
