using System.Globalization;
using System.Text;

namespace Heliograph.Cluster.Access;

/// <summary>The access of a pod: the service's address from the environment, the service account's files.</summary>
internal static class InCluster
{
    private const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";

    /// <summary>Whether this runs in a pod.</summary>
    public static bool Applies(ClusterOptions options) => !string.IsNullOrEmpty(options.Environment(HostVariable));

    /// <summary>Reads it.</summary>
    /// <exception cref="ClusterConfigurationException">Something is missing.</exception>
    public static ClusterAccess Read(ClusterOptions options, TimeProvider time)
    {
        var token = Path.Combine(options.ServiceAccountDirectory, "token");
        if (!File.Exists(token))
        {
            throw new ClusterConfigurationException(
                $"${HostVariable} is set, so this seems to be a pod, but it has no service account token at {token}: "
                + "set automountServiceAccountToken to true, or name a kubeconfig.");
        }
        var authority = Path.Combine(options.ServiceAccountDirectory, "ca.crt");
        var ns = Path.Combine(options.ServiceAccountDirectory, "namespace");
        return new ClusterAccess
        {
            Server = Server(options),
            Authorities = Pem.Certificates(Files.Read(authority, "The authority of the pod's service account"), authority),
            Credential = new TokenFile(token, time),
            Namespace = File.Exists(ns) ? Encoding.UTF8.GetString(Files.Read(ns, "The namespace of the pod's service account")).Trim() : "",
        };
    }

    private static Uri Server(ClusterOptions options)
    {
        var host = options.Environment(HostVariable)!;
        var port = options.Environment(PortVariable) is { Length: > 0 } text ? text : "443";
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new ClusterConfigurationException($"${PortVariable} is '{port}', which is no port.");
        try
        {
            return new UriBuilder("https", host, number).Uri;
        }
        catch (UriFormatException)
        {
            throw new ClusterConfigurationException($"${HostVariable} is '{host}', which is no host.");
        }
    }
}

/// <summary>Files that settings name.</summary>
internal static class Files
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, as the beginning of a sentence.</param>
    public static byte[] Read(string path, string what)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ClusterConfigurationException($"{what} is not there: {path} does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterConfigurationException($"{what} cannot be read: no access to {path}.");
        }
    }
}
