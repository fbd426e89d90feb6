using System.Globalization;

namespace Heliograph.Simulation;

/// <summary>All that happened, in order, one line each. The same seed writes the same lines to the letter.</summary>
internal sealed class History(TimeProvider time)
{
    /// <summary>What every secret value in a simulated world begins with, as it is and in base64. Neither may ever get here.</summary>
    public const string SecretMark = "s3cr3t";
    private const string SecretMarkInBase64 = "czNjcjN0";

    private readonly DateTimeOffset began = time.GetUtcNow();
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Lines => lines;

    /// <summary>Writes a line.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="what">What it did.</param>
    /// <exception cref="BrokenPromiseException">It tells a secret.</exception>
    public void Tell(string actor, string what)
    {
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{(time.GetUtcNow() - began).TotalSeconds,8:0.000}  {actor,-9} {what}"));
        if (what.Contains(SecretMark, StringComparison.Ordinal) || what.Contains(SecretMarkInBase64, StringComparison.Ordinal))
            throw new BrokenPromiseException("no secret value leaves the API server and the mirror", $"{actor} told one");
    }
}

/// <summary>A promise does not hold.</summary>
internal sealed class BrokenPromiseException(string promise, string detail) : Exception($"{promise}: {detail}")
{
    public string Promise { get; } = promise;
}
