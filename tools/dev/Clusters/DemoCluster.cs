using Heliograph.ControlPlane;
using Heliograph.Dev.Commands;

namespace Heliograph.Dev.Clusters;

/// <summary>The cluster of a demonstration: the user's, or a control plane of our own on loopback.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private readonly LocalControlPlane? controlPlane;

    private DemoCluster(Api api, LocalControlPlane? controlPlane, string? kubeconfig, string version)
    {
        Api = api;
        this.controlPlane = controlPlane;
        Kubeconfig = kubeconfig;
        Version = version;
    }

    public Api Api { get; }

    /// <summary>The kubeconfig; null for the one that the environment names.</summary>
    public string? Kubeconfig { get; }

    public string Version { get; }

    /// <summary>Whether it is ours and goes with us. Otherwise nothing may be left in it, and nothing of its owner's be touched.</summary>
    public bool IsOurs => controlPlane is not null;

    public string Description => IsOurs
        ? $"Kubernetes {Version} at {Api.Endpoint}, a control plane of its own that ends with this command"
        : $"Kubernetes {Version} at {Api.Endpoint}, the cluster of {Kubeconfig ?? "$KUBECONFIG"}";

    /// <summary>What the user's shell needs so that kubectl speaks to the cluster; null where it does already.</summary>
    public string? Export => Kubeconfig is null ? null : $"export KUBECONFIG={Kubeconfig}";

    /// <param name="kubeconfig">
    /// The user's choice; null leaves it to <c>$KUBECONFIG</c>, and where that is not set it is a control plane of our own.
    /// </param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<DemoCluster> OpenAsync(string? kubeconfig, CancellationToken cancellation)
    {
        if (kubeconfig is null && !CommonOptions.HasEnvironmentKubeconfig)
        {
            var controlPlane = await LocalControlPlane.StartAsync(progress: Progress.ToStderr, cancellationToken: cancellation);
            return new DemoCluster(Api.Connect(controlPlane.AdminKubeconfig), controlPlane, controlPlane.AdminKubeconfig, controlPlane.Version.Text);
        }
        var path = CommonOptions.Checked(kubeconfig);
        var api = Api.Connect(path);
        return new DemoCluster(api, null, path, await api.VersionAsync(cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
    }
}
