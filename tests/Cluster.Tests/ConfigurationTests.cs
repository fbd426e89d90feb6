namespace Heliograph.Cluster.Tests;

/// <summary>A configuration that leads nowhere says so in a sentence that names the file or setting and what to do, and holds no credentials.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private const string Secret = "S3cr3t-t0ken";
    private const string Base = """
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: k, user: u} }, {name: no-cluster, context: {cluster: gone, user: u} }, {name: no-user, context: {cluster: k, user: gone} }]
        clusters: [{name: k, cluster: {server: "https://127.0.0.1:6443"} }]
        users: [{name: u, user: {token: S3cr3t-t0ken} }]

        """;

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_missing_file_is_named() =>
        Wrong(Path.Combine(directory.Path, "none"), $"The kubeconfig is not there: {directory.Path}/none does not exist.");

    [Theory]
    [InlineData("", "is empty, or not a mapping")]
    [InlineData("- a\n- b", "is empty, or not a mapping")]
    [InlineData("users: [{name: u, user: {token: S3cr3t-t0ken", "cannot be read as such: see line 2")]
    [InlineData("contexts: 7", "cannot be read as such: see line 1")]
    [InlineData("apiVersion: v1", "has no current-context: choose one with 'kubectl config use-context', or name a context")]
    [InlineData("current-context: other", "has no context 'other': 'kubectl config get-contexts' shows those that there are")]
    public void A_broken_file_is_named(string text, string problem) => Wrong(directory.Write("config", text), $"The kubeconfig {directory.Path}/config {problem}");

    [Theory]
    [InlineData("no-cluster", "has no cluster 'gone', which its context 'no-cluster' names")]
    [InlineData("no-user", "has no user 'gone', which its context 'no-user' names")]
    [InlineData("no-context", "has no context 'no-context'")]
    public void A_context_that_leads_nowhere_is_named(string context, string problem)
    {
        var e = Assert.Throws<ClusterConfigurationException>(
            () => KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = directory.Write("config", Base), Context = context }));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server: nowhere", "the server of cluster 'k' is no address")]
    [InlineData("server: \"ftp://host\"", "the server of cluster 'k' is no address")]
    [InlineData("server: \"https://host\", proxy-url: nowhere", "the proxy-url of cluster 'k' is no address")]
    [InlineData("server: \"https://host\", certificate-authority: gone.crt", "The certificate-authority of cluster 'k' in {0} is not there: {1}/gone.crt does not exist")]
    [InlineData("server: \"https://host\", certificate-authority-data: \"%\"", "The certificate-authority-data of cluster 'k' in {0} is not base64")]
    [InlineData("server: \"https://host\", certificate-authority-data: bm9uZQ==", "The certificate-authority-data of cluster 'k' in {0} holds no certificate")]
    public void A_broken_cluster_is_named(string cluster, string problem) => WrongIn("""{server: "https://127.0.0.1:6443"}""", $"{{{cluster}}}", problem);

    [Theory]
    [InlineData("token: S3cr3t-t0ken and more", "The token of user 'u' in {0} holds blanks")]
    [InlineData("tokenFile: gone", "The tokenFile of user 'u' in {0} is not there: {1}/gone does not exist")]
    [InlineData("client-certificate-data: bm9uZQ==", "User 'u' in {0} has only one of client-certificate and client-key")]
    [InlineData("client-certificate-data: bm9uZQ==, client-key-data: bm9uZQ==", "The client-certificate and client-key of user 'u' in {0} are no certificate and key")]
    [InlineData("client-certificate: gone, client-key: gone", "The client-certificate of user 'u' in {0} is not there: {1}/gone")]
    [InlineData("auth-provider: {name: gcp}", "User 'u' in {0} has the auth-provider 'gcp', which Kubernetes gave up in 1.26")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1}", "The exec plugin of user 'u' in {0} has no command")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: sh}", "has the apiVersion 'client.authentication.k8s.io/v1alpha1'; it must be")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, installHint: Get it from x.}", "needs the program 'no-such-plugin', which is not there. Get it from x.")]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: ./no-such-plugin}", "needs the program './no-such-plugin', which is not there. Install it")]
    public void A_broken_user_is_named(string user, string problem) => WrongIn("{token: S3cr3t-t0ken}", $"{{{user}}}", problem);

    [Fact]
    public void A_pod_without_a_token_is_told_what_to_do()
    {
        var e = Assert.Throws<ClusterConfigurationException>(() => KubernetesCluster.Connect(new ClusterOptions
        {
            ServiceAccountDirectory = directory.Path,
            Environment = name => name == "KUBERNETES_SERVICE_HOST" ? "10.0.0.1" : null,
        }));
        Assert.Contains($"it has no service account token at {directory.Path}/token", e.Message, StringComparison.Ordinal);
        Assert.Contains("automountServiceAccountToken", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_configuration_the_ways_are_told()
    {
        var e = Assert.Throws<ClusterConfigurationException>(
            () => KubernetesCluster.Connect(new ClusterOptions { Environment = name => name == "HOME" ? directory.Path : null }));
        Assert.Contains("set $KUBECONFIG", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{directory.Path}/.kube/config does not exist", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_source_that_there_is_wins()
    {
        var home = Directory.CreateDirectory(Path.Combine(directory.Path, ".kube")).FullName;
        File.WriteAllText(Path.Combine(home, "config"), Base.Replace("127.0.0.1", "home", StringComparison.Ordinal));
        var named = directory.Write("named", Base.Replace("127.0.0.1", "named", StringComparison.Ordinal));
        var listed = directory.Write("listed", Base.Replace("127.0.0.1", "listed", StringComparison.Ordinal));
        string? Environment(string name) => name switch { "HOME" => directory.Path, "KUBECONFIG" => $"/no/such/file:{listed}", _ => null };

        using var one = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = named, Environment = Environment });
        using var two = KubernetesCluster.Connect(new ClusterOptions { Environment = Environment });
        using var three = KubernetesCluster.Connect(new ClusterOptions { Environment = name => name == "KUBECONFIG" ? null : Environment(name) });

        Assert.Equal(["https://named:6443", "https://listed:6443", "https://home:6443"], [one.DescribeConnection(), two.DescribeConnection(), three.DescribeConnection()]);
    }

    [Fact]
    public void Of_several_files_the_first_that_names_a_thing_wins_and_paths_belong_to_their_file()
    {
        Directory.CreateDirectory(Path.Combine(directory.Path, "b"));
        var a = directory.Write("a", "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u} }]\n");
        var b = directory.Write("b/config", Base.Replace("{token: S3cr3t-t0ken}", "{tokenFile: token}", StringComparison.Ordinal));
        directory.Write("b/token", "t");

        using var client = KubernetesCluster.Connect(new ClusterOptions { Environment = name => name == "KUBECONFIG" ? $"{a}:{b}" : null });

        Assert.Equal("https://127.0.0.1:6443", client.DescribeConnection());
    }

    [Fact]
    public void An_address_with_a_password_is_described_without_it()
    {
        var path = directory.Write("config", Base.Replace("https://127.0.0.1:6443", "https://me:S3cr3t-t0ken@host/k8s/clusters/c-1", StringComparison.Ordinal));
        using var client = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = path });

        Assert.Equal("https://host", client.DescribeConnection());
    }

    [Theory]
    [InlineData(0, 500)]
    [InlineData(601, 500)]
    [InlineData(30, 0)]
    [InlineData(30, 10_001)]
    public void Options_out_of_range_are_named(int seconds, int pageSize)
    {
        var e = Assert.Throws<ClusterConfigurationException>(
            () => KubernetesCluster.Connect(new ClusterOptions { RequestTimeout = TimeSpan.FromSeconds(seconds), PageSize = pageSize }));
        Assert.StartsWith(seconds == 30 ? "PageSize is" : "RequestTimeout is", e.Message, StringComparison.Ordinal);
    }

    private void WrongIn(string text, string replacement, string problem)
    {
        var path = directory.Write("config", Base.Replace(text, replacement, StringComparison.Ordinal));
        Wrong(path, string.Format(System.Globalization.CultureInfo.InvariantCulture, problem, path, directory.Path));
    }

    private static void Wrong(string path, string problem)
    {
        var e = Assert.Throws<ClusterConfigurationException>(() => KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = path }));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
        Assert.Null(e.InnerException);
    }
}
