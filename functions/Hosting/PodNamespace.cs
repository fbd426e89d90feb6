namespace Heliograph.Hosting;

/// <summary>The namespace in which this program runs, as its pod's service account says.</summary>
public static class PodNamespace
{
    private const string File = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    /// <summary>The namespace; null where this is no pod.</summary>
    public static string? Read()
    {
        try
        {
            return System.IO.File.ReadAllText(File).Trim() is { Length: > 0 } ns ? ns : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
