using System.Globalization;

namespace Heliograph.Dev.Benchmarks;

/// <summary>What the API server says of the requests that it has served.</summary>
internal static class RequestCounts
{
    /// <summary>How many there were, by verb; those that were refused by verb and status.</summary>
    /// <param name="metrics">The API server's metrics as text.</param>
    /// <param name="resources">Whose requests are counted, by plural names.</param>
    public static IReadOnlyDictionary<string, long> Read(string metrics, IReadOnlyCollection<string> resources)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in metrics.Split('\n'))
        {
            if (!line.StartsWith("apiserver_request_total{", StringComparison.Ordinal) || !resources.Any(resource => line.Contains($"resource=\"{resource}\"", StringComparison.Ordinal)))
                continue;
            var (verb, status) = (Label(line, "verb"), Label(line, "code"));
            // A watch that ends of itself has status 0.
            if (status is not ("0" or ['2', ..]))
                verb = $"{verb} answered {status}";
            counts[verb] = counts.GetValueOrDefault(verb) + (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        }
        return counts;
    }

    private static string Label(string line, string name) => line.Split($"{name}=\"")[1].Split('"')[0];
}
