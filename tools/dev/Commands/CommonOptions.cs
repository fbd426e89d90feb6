using System.CommandLine;
using Heliograph.Dev.Clusters;

namespace Heliograph.Dev.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static bool HasEnvironmentKubeconfig => Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 };

    public static Option<string[]> Set() => new("--set")
    {
        HelpName = "Setting=Value",
        Description = "A setting of either program by its environment name, such as Replication__Kinds=Secret. May be given several times.",
    };

    public static Option<bool> Jit() => new("--jit")
    {
        Description = "Run the programs on .NET's runtime instead of building the native ones that ship: quicker to change, slower to start.",
    };

    public static Option<string?> Kubeconfig(string description) => new("--kubeconfig") { HelpName = "FILE", Description = description };

    /// <summary>The absolute path of a kubeconfig that leads to an API server; null where the environment names it.</summary>
    /// <exception cref="Cluster.ClusterConfigurationException">It does not.</exception>
    /// <exception cref="UserMistakeException">There is none.</exception>
    public static string? Checked(string? kubeconfig)
    {
        if (kubeconfig is null && !HasEnvironmentKubeconfig)
            throw new UserMistakeException("which cluster? Name a kubeconfig by --kubeconfig FILE or by $KUBECONFIG.");
        if (kubeconfig is { Length: 0 })
            throw new UserMistakeException("--kubeconfig needs the path of a file.");
        var path = kubeconfig is null ? null : Path.GetFullPath(kubeconfig);
        using var readable = Api.Connect(path);
        return path;
    }
}
