namespace Heliograph.ControlPlane;

/// <summary>The command lines of the three processes: what every version needs, and of the rest what the binary at hand knows.</summary>
internal static class Arguments
{
    // The name these tokens and our own are issued under and accepted for.
    private const string Issuer = "https://kubernetes.default.svc";

    public static IEnumerable<string> Etcd(Binary binary, int port)
    {
        yield return "--name=default";
        yield return "--data-dir=etcd";
        yield return $"--listen-client-urls=http://127.0.0.1:{port}";
        yield return $"--advertise-client-urls=http://127.0.0.1:{port}";
        // It has no peers, but insists on a door for them.
        yield return "--listen-peer-urls=http://127.0.0.1:0";
        yield return "--logger=zap";
        yield return "--log-level=warn";
        if (binary.CanSkipFsync)
            yield return "--unsafe-no-fsync";
    }

    public static IEnumerable<string> ApiServer(Binary binary, int etcdPort, int port, Files files) =>
    [
        $"--etcd-servers=http://127.0.0.1:{etcdPort}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        $"--secure-port={port}",
        $"--tls-cert-file={files.ServingCertificate}",
        $"--tls-private-key-file={files.ServingKey}",
        $"--client-ca-file={files.Authority}",
        $"--token-auth-file={files.Tokens}",
        "--authorization-mode=RBAC",
        $"--service-account-issuer={Issuer}",
        $"--api-audiences={Issuer}",
        $"--service-account-key-file={files.ServiceAccountPublicKey}",
        $"--service-account-signing-key-file={files.ServiceAccountKey}",
        "--service-cluster-ip-range=10.0.0.0/24",
        .. binary.Known(
        [
            "--allow-privileged=true",
            // One API server on loopback: nobody looks for its endpoints.
            "--endpoint-reconciler-type=none",
            // A test may be as fast as the machine; throttling is tested by a proxy that throttles.
            "--enable-priority-and-fairness=false",
            "--max-requests-inflight=0",
            "--max-mutating-requests-inflight=0",
            "--watch-cache=true",
            "--event-ttl=10m",
            "--profiling=false",
            "--v=1",
        ]),
    ];

    public static IEnumerable<string> ControllerManager(Binary binary, Files files) =>
    [
        $"--kubeconfig={files.ControllerManagerKubeconfig}",
        $"--controllers={string.Join(',', Controllers(binary))}",
        "--leader-elect=false",
        // It needs no door of its own: that it works is seen by what it does.
        "--secure-port=0",
        $"--root-ca-file={files.Authority}",
        .. binary.Known(
        [
            "--port=0", // the plain HTTP door, gone since 1.24
            "--concurrent-namespace-syncs=20",
            "--kube-api-qps=1000",
            "--kube-api-burst=2000",
            "--profiling=false",
            "--v=1",
        ]),
    ];

    // Since 1.28 they have new names.
    private static string[] Controllers(Binary binary) =>
    [
        binary.NameFor("namespace-controller", "namespace"),
        binary.NameFor("garbage-collector-controller", "garbagecollector"),
        binary.NameFor("resourcequota-controller", "resourcequota"),
        binary.NameFor("serviceaccount-controller", "serviceaccount"),
        binary.NameFor("root-ca-certificate-publisher-controller", "root-ca-cert-publisher"),
    ];

    /// <summary>Where the files are that the processes read.</summary>
    public sealed record Files(string Directory)
    {
        public string Authority => Path.Combine(Directory, "pki", "ca.crt");
        public string ServingCertificate => Path.Combine(Directory, "pki", "kube-apiserver.crt");
        public string ServingKey => Path.Combine(Directory, "pki", "kube-apiserver.key");
        public string ServiceAccountKey => Path.Combine(Directory, "pki", "service-accounts.key");
        public string ServiceAccountPublicKey => Path.Combine(Directory, "pki", "service-accounts.pub");
        public string Tokens => Path.Combine(Directory, "pki", "tokens.csv");
        public string ControllerManagerKubeconfig => Path.Combine(Directory, "kubeconfigs", "kube-controller-manager.kubeconfig");
        public string AdminKubeconfig => Path.Combine(Directory, "kubeconfigs", "admin.kubeconfig");
        public string Named(string name, string extension) => Path.Combine(Directory, "kubeconfigs", $"{name}.{extension}");
    }
}
