namespace Heliograph.ControlPlane.Tests;

/// <summary>What the command lines make of what a binary says of itself.</summary>
public sealed class BinaryTests
{
    private const string OldManager = """
              --concurrent-namespace-syncs int32   The number of namespace objects that are allowed to sync concurrently. (default 10)
              --controllers strings                A list of controllers to enable. '*' enables all on-by-default controllers.
                                                   All controllers: attachdetach, garbagecollector, namespace, resourcequota,
                                                   root-ca-cert-publisher, serviceaccount, serviceaccount-token
              --port int     The port on which to serve unsecured, unauthenticated access. (DEPRECATED: see --secure-port instead.)
              --secure-port int                        The port on which to serve HTTPS.
        """;

    private const string NewManager = """
              --concurrent-namespace-syncs int32   The number of namespace objects that are allowed to sync concurrently. (default 10)
              --controllers strings                A list of controllers to enable. '*' enables all on-by-default controllers.
                                                   All controllers: bootstrap-signer-controller,
                                                   garbage-collector-controller, namespace-controller,
                                                   pod-garbage-collector-controller, resourcequota-controller,
                                                   root-ca-certificate-publisher-controller, serviceaccount-controller
              --secure-port int                    The port on which to serve HTTPS. There is no --port any more.
        """;

    private static readonly Arguments.Files Files = new("/d");

    [Fact]
    public void An_old_controller_manager_gets_old_names_and_its_plain_door_closed()
    {
        var arguments = Arguments.ControllerManager(new Binary("kcm", "Kubernetes v1.20.2", OldManager), Files).ToArray();
        Assert.Contains("--controllers=namespace,garbagecollector,resourcequota,serviceaccount,root-ca-cert-publisher", arguments);
        Assert.Contains("--port=0", arguments);
        Assert.Contains("--concurrent-namespace-syncs=20", arguments);
        Assert.DoesNotContain("--kube-api-qps=1000", arguments); // not in its help
    }

    [Fact]
    public void A_new_controller_manager_gets_new_names_and_no_flag_it_has_lost()
    {
        var arguments = Arguments.ControllerManager(new Binary("kcm", "Kubernetes v1.36.0", NewManager), Files).ToArray();
        Assert.Contains(
            "--controllers=namespace-controller,garbage-collector-controller,resourcequota-controller,"
            + "serviceaccount-controller,root-ca-certificate-publisher-controller",
            arguments);
        Assert.DoesNotContain("--port=0", arguments);
    }

    [Fact]
    public void Flags_an_api_server_does_not_know_are_left_out_but_never_those_it_needs()
    {
        var binary = new Binary("api", "Kubernetes v1.99.0", "      --profiling   Enable profiling\n");
        var arguments = Arguments.ApiServer(binary, 1, 2, Files).ToArray();
        Assert.Contains("--profiling=false", arguments);
        Assert.DoesNotContain("--enable-priority-and-fairness=false", arguments);
        Assert.Contains("--authorization-mode=RBAC", arguments);
        Assert.Contains("--secure-port=2", arguments);
    }

    [Theory]
    [InlineData("Kubernetes v1.20.2\n", 1, 20, "v1.20.2")]
    [InlineData("Kubernetes v1.36.0-rc.1+abc\n", 1, 36, "v1.36.0-rc.1+abc")]
    public void A_version_is_read(string answer, int major, int minor, string text) =>
        Assert.Equal(new KubernetesVersion(major, minor, text), KubernetesVersion.Parse(answer));

    [Theory]
    [InlineData("")]
    [InlineData("etcd Version: 3.4.23")]
    [InlineData("Kubernetes vfuture")]
    public void Something_else_is_no_version(string answer) => Assert.Null(KubernetesVersion.Parse(answer));

    [Theory]
    [InlineData("etcd Version: 3.4.9\n", false)]
    [InlineData("etcd Version: 3.4.10\n", true)]
    [InlineData("etcd Version: 3.4.23\nGit SHA: x", true)]
    [InlineData("etcd Version: 3.6.1\n", true)]
    [InlineData("who knows", false)]
    public void Etcd_skips_fsync_only_where_it_can(string answer, bool can) =>
        Assert.Equal(can, new Binary("etcd", answer, "").CanSkipFsync);
}
