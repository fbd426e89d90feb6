namespace Heliograph.Cluster;

/// <summary>What the API server says it is.</summary>
/// <param name="GitVersion">The full version, for example <c>v1.31.4+k3s1</c>.</param>
/// <param name="Major">The major version; 0 where it could not be read.</param>
/// <param name="Minor">The minor version; 0 where it could not be read.</param>
public sealed record ServerVersion(string GitVersion, int Major, int Minor)
{
    /// <summary>Whether the server is of this version or newer. What newer servers add is used only after asking.</summary>
    public bool IsAtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    /// <inheritdoc/>
    public override string ToString() => GitVersion;
}
