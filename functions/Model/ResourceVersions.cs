using System.Globalization;

namespace Heliograph.Model;

/// <summary>
/// Comparison of <c>metadata.resourceVersion</c>. All versions of a cluster come from one rising counter; where one is no number, nothing is concluded
/// from it.
/// </summary>
public static class ResourceVersions
{
    /// <summary>Whether one version is certainly newer than another.</summary>
    public static bool IsNewer(string one, string other) => Number(one) is { } a && Number(other) is { } b && a > b;

    /// <summary>The newer of two versions; null where that cannot be told.</summary>
    public static string? Newest(string? one, string? other) =>
        Number(one) is { } a && Number(other) is { } b ? a >= b ? one : other : null;

    /// <summary>A version as a number; null where it is none.</summary>
    public static ulong? Number(string? version) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
