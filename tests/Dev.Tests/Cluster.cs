using System.Runtime.Versioning;
using Heliograph.ControlPlane;
using Xunit.Sdk;
using Xunit.v3;

// What is started here is heavy, and each test wants the machine for itself.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: UnsupportedOSPlatform("windows")]

namespace Heliograph.Dev.Tests;

/// <summary>A control plane for all tests of this project. To <c>./dev</c> it is somebody else's cluster.</summary>
public sealed class Cluster : IAsyncLifetime
{
    internal LocalControlPlane ControlPlane { get; private set; } = null!;

    internal string Kubeconfig => ControlPlane.AdminKubeconfig;

    public async ValueTask InitializeAsync() => ControlPlane = await LocalControlPlane.StartAsync();

    public ValueTask DisposeAsync() => ControlPlane.DisposeAsync();
}
