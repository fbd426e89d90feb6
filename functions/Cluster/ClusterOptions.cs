namespace Heliograph.Cluster;

/// <summary>Which API server is used, as whom, and how patiently.</summary>
public sealed record ClusterOptions
{
    /// <summary>
    /// The path of a kubeconfig. Null means, in this order: the files that <c>$KUBECONFIG</c> lists, the service account of the pod
    /// this runs in, <c>~/.kube/config</c>.
    /// </summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The kubeconfig's context to use; null for its <c>current-context</c>. Means nothing in a pod.</summary>
    public string? Context { get; init; }

    /// <summary>How long one attempt of one request may take until its answer is read, or until a watch is open. Default: 30 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many objects one page of a list holds. Default: 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Where a pod's service account is mounted.</summary>
    public string ServiceAccountDirectory { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Where environment variables are read from.</summary>
    internal Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    internal void Validate()
    {
        if (RequestTimeout < TimeSpan.FromMilliseconds(100) || RequestTimeout > TimeSpan.FromMinutes(10))
            throw new ClusterConfigurationException($"{nameof(RequestTimeout)} is {RequestTimeout}; it must lie between 0.1 seconds and 10 minutes.");
        if (PageSize is < 1 or > 10_000)
            throw new ClusterConfigurationException($"{nameof(PageSize)} is {PageSize}; it must lie between 1 and 10000.");
    }
}
