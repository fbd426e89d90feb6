using System.Text;

namespace Heliograph.Chain.Tests.World;

/// <summary>A value that is in every object that is copied, and must be found nowhere else.</summary>
internal static class Canary
{
    /// <summary>24 bytes, so that Base64 of whatever begins with it begins with Base64 of it.</summary>
    public const string Text = "canary-5f3a1c9e7b2d4860x";

    public static string Base64 { get; } = Convert.ToBase64String(Encoding.ASCII.GetBytes(Text));

    public static bool IsIn(string text) => text.Contains(Text, StringComparison.Ordinal) || text.Contains(Base64, StringComparison.Ordinal);
}
