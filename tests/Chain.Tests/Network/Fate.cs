namespace Heliograph.Chain.Tests.Network;

/// <summary>What becomes of a request on its way.</summary>
internal abstract record Fate
{
    private Fate()
    {
    }

    /// <summary>It arrives, and its answer does.</summary>
    public static Fate Passes { get; } = new Passing();

    /// <summary>It does not arrive: the connection is reset.</summary>
    public static Fate IsLost { get; } = new Losing();

    /// <summary>It arrives and is carried out, but the connection is reset instead of an answer.</summary>
    public static Fate LosesAnswer { get; } = new LosingAnswer();

    /// <summary>It does not arrive; the proxy itself answers.</summary>
    public static Fate IsRefused(int statusCode, int? retryAfterSeconds = null) => new Refusing(statusCode, retryAfterSeconds);

    /// <summary>It waits on its way until the network is in order again, and is lost then.</summary>
    public static Fate IsHeld { get; } = new Holding();

    internal sealed record Passing : Fate;

    internal sealed record Losing : Fate;

    internal sealed record LosingAnswer : Fate;

    internal sealed record Refusing(int StatusCode, int? RetryAfterSeconds) : Fate;

    internal sealed record Holding : Fate;
}

/// <summary>A request as the proxy sees it.</summary>
internal sealed record Asked(string Method, string Path, string Query)
{
    public bool IsWatch => Query.Contains("watch=", StringComparison.Ordinal);

    public bool IsWrite => Method is "POST" or "PUT" or "PATCH" or "DELETE";

    /// <summary>The plural of the kind whose objects are asked for, wherever they are; null for anything else.</summary>
    public string? Collection => Method == "GET" && Path.Split('/') is ["", "api", "v1", var plural] ? plural : null;

    public override string ToString() => $"{Method} {Path}{Query}";
}
