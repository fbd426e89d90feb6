using System.Globalization;

namespace Heliograph.Exporter;

/// <summary>Times as people read them in readiness and logs: in UTC, to the second.</summary>
internal static class Timestamps
{
    public static string ToText(this DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
