namespace Heliograph.Cluster.Access;

/// <summary>Decides where the access to the cluster comes from.</summary>
internal static class ClusterConfiguration
{
    /// <summary>
    /// The kubeconfig that is named, the files of <c>$KUBECONFIG</c>, the pod's service account, <c>~/.kube/config</c>: the first that there is. A pod's
    /// own account comes before the home directory, as with other controllers.
    /// </summary>
    /// <exception cref="ClusterConfigurationException">There is none, or it is broken.</exception>
    public static ClusterAccess Read(ClusterOptions options, TimeProvider time)
    {
        if (options.Kubeconfig is { Length: > 0 } named)
            return Kubeconfig.Read([named], options, time);
        var listed = (options.Environment("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (listed.Length > 0)
            return Kubeconfig.Read(listed, options, time);
        if (InCluster.Applies(options))
            return InCluster.Read(options, time);
        var home = options.Environment("HOME") ?? options.Environment("USERPROFILE") ?? "";
        var usual = Path.Combine(home, ".kube", "config");
        if (File.Exists(usual))
            return Kubeconfig.Read([usual], options, time);
        throw new ClusterConfigurationException(
            $"No cluster is configured: name a kubeconfig, set $KUBECONFIG, or run in a pod with a service account. {usual} does not exist either.");
    }
}
