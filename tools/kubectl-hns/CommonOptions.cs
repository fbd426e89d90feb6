using System.CommandLine;

namespace Heliograph.Hns;

/// <summary>What all commands are told in the same way: which cluster, which namespace.</summary>
internal sealed class CommonOptions
{
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig") { HelpName = "FILE", Description = "Path to the kubeconfig file to use.", Recursive = true };

    public Option<string?> Context { get; } = new("--context") { HelpName = "NAME", Description = "The name of the kubeconfig context to use.", Recursive = true };

    /// <summary>The option for a namespace, for the commands that take one.</summary>
    public static Option<string?> Namespace(string description) => new("--namespace", "-n") { HelpName = "NAMESPACE", Description = description };

    /// <summary>The option for all namespaces.</summary>
    public static Option<bool> AllNamespaces(string description) => new("--all-namespaces", "-A") { Description = description };

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    public Server Connect(ParseResult parsed)
    {
        var kubeconfig = parsed.GetValue(Kubeconfig);
        if (kubeconfig is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBECONFIG")))
        {
            // As kubectl does, and unlike a controller: what lies in the home directory comes before a pod's own account.
            var usual = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
            kubeconfig = File.Exists(usual) ? usual : null;
        }
        return Server.Connect(kubeconfig, parsed.GetValue(Context));
    }
}
