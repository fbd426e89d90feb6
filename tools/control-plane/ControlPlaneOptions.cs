namespace Heliograph.ControlPlane;

/// <summary>How a control plane is started. The defaults suit tests on a small machine.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The binaries. Default: whatever <see cref="ControlPlaneAssets.LocateAsync"/> finds or builds.</summary>
    public ControlPlaneAssets? Assets { get; init; }

    /// <summary>Whether kube-controller-manager runs. Without it deleted namespaces stay Terminating. Default: yes.</summary>
    public bool ControllerManager { get; init; } = true;

    /// <summary>Whether the directory with the logs outlives disposal. Default: no.</summary>
    public bool KeepDirectory { get; init; }

    /// <summary>How long everything may take to become ready. Default: two minutes.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long <see cref="LocalControlPlane.StopApiServerAsync"/> waits after SIGTERM before it kills: an API server with open
    /// watches may take a minute to end. Default: three seconds.
    /// </summary>
    public TimeSpan ApiServerGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>More arguments for kube-apiserver; where one is given twice, these win. Default: none.</summary>
    public IReadOnlyList<string> ApiServerArguments { get; init; } = [];
}
