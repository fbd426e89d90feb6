using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Deploy.Tests.Admission;

/// <summary>A person with kubectl gets HNC's codes and messages, from a real API server and the program that ships.</summary>
public sealed class ReviewTests(ReviewedCluster cluster) : IClassFixture<ReviewedCluster>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Copies_are_the_controllers_and_sources_make_sense()
    {
        Namespaces("a-eng", "a-shop");
        Assert.Equal("", cluster.TryApply(Hierarchy("a-shop", "a-eng")));
        cluster.Run("create", "role", "reader", "-n", "a-eng", "--verb=get", "--resource=pods");
        await cluster.SettleAsync();
        Assert.Equal("a-eng", cluster.Run("get", "role", "reader", "-n", "a-shop", "-o", "jsonpath={.metadata.labels.hnc\\.x-k8s\\.io/inherited-from}"));

        Refuses("(Forbidden)", "cannot modify object propagated from namespace \"a-eng\"", cluster.Try("label", "role", "reader", "-n", "a-shop", "mine=1"));
        Refuses("(Forbidden)", "cannot delete object propagated from namespace \"a-eng\"", cluster.Try("delete", "role", "reader", "-n", "a-shop"));
        Refuses(
            "(Forbidden)", "roles.rbac.authorization.k8s.io \"a-shop/made\" is forbidden: cannot create objects with the label \"hnc.x-k8s.io/inherited-from\"",
            cluster.TryApply(Role("a-shop", "made", "labels: {hnc.x-k8s.io/inherited-from: a-eng}")));
        Refuses("(BadRequest)", "invalid HNC exceptions annotation: propagate.hnc.x-k8s.io/treeselect", cluster.TryApply(Role("a-eng", "mistyped", "annotations: {propagate.hnc.x-k8s.io/treeselect: a-shop}")));
        Assert.Equal("", cluster.TryApply(Role("a-shop", "own")));
        Refuses("(Conflict)", "would overwrite objects in the following descendant namespace(s): a-shop", cluster.TryApply(Role("a-eng", "own")));
        Assert.Equal("", cluster.TryApply(Role("a-eng", "own", "annotations: {propagate.hnc.x-k8s.io/treeSelect: '!a-shop'}")));
        Assert.Equal("", cluster.Try("delete", "role", "own", "-n", "a-eng"));

        // Nothing of this keeps the namespace from going, copies and all.
        cluster.Run("delete", "namespace", "a-shop", "--wait=false");
        await cluster.SaidAsync("NotFound", () => cluster.Try("get", "namespace", "a-shop"));
    }

    [Fact]
    public async Task The_tree_is_changed_by_its_own_means()
    {
        Namespaces("b-eng", "b-ops");
        Assert.Equal("", cluster.TryApply(Anchor("b-eng", "b-sub")));
        await SettledAsync("b-sub is made", () => cluster.Try("get", "namespace", "b-sub").Length == 0 && Depth("b-sub", "b-eng") == "1");

        Refuses("(Forbidden)", "is a subnamespace. Please delete the anchor from the parent namespace b-eng to delete the subnamespace", cluster.Try("delete", "namespace", "b-sub"));
        Refuses("(Forbidden)", "contains subnamespaces. Please remove all subnamespaces before deleting this namespace", cluster.Try("delete", "namespace", "b-eng"));
        Refuses("(Forbidden)", "cannot set or modify tree label", cluster.Try("label", "namespace", "b-sub", "--overwrite", "b-eng.tree.hnc.x-k8s.io/depth=7"));
        Refuses("(Forbidden)", "cannot remove tree label", cluster.Try("label", "namespace", "b-sub", "b-eng.tree.hnc.x-k8s.io/depth-"));
        Refuses("(Forbidden)", "you cannot change the value", cluster.Try("label", "namespace", "b-sub", "--overwrite", "hnc.x-k8s.io/included-namespace=false"));
        Assert.Equal("", cluster.Try("label", "namespace", "b-sub", "color=blue"));
        Refuses("(Conflict)", "cannot create a subnamespace using an existing namespace", cluster.TryApply(Anchor("b-eng", "b-ops")));
        Refuses("(Forbidden)", "cannot create a subnamespace using the unmanaged namespace name \"kube-system\"", cluster.TryApply(Anchor("b-eng", "kube-system")));
        Refuses("(Conflict)", "illegal parent: cycle when making \"b-sub\" the parent of \"b-eng\": current ancestry is b-sub -> b-eng", cluster.TryApply(Hierarchy("b-eng", "b-sub")));
        Refuses("(Conflict)", "illegal parent: \"b-ops\" cannot be set as its own parent", cluster.TryApply(Hierarchy("b-ops", "b-ops")));
        Refuses("(Forbidden)", "requested parent \"b-gone\" does not exist", cluster.TryApply(Hierarchy("b-ops", "b-gone")));
        Refuses("is invalid", "spec.labels: Invalid value: \"app\": not a managed label and cannot be configured", cluster.TryApply(Hierarchy("b-ops", "", "labels: [{key: app, value: x}]")));

        cluster.Run("delete", "subnamespaceanchor", "b-sub", "-n", "b-eng", "--wait=false");
        await SettledAsync("b-sub is gone", () => cluster.Try("get", "namespace", "b-sub").Contains("NotFound", StringComparison.Ordinal));
        Assert.Equal("", cluster.Try("delete", "namespace", "b-eng", "--wait=false"));
    }

    [Fact]
    public void Who_moves_a_namespace_needs_the_leave_of_those_above()
    {
        Namespaces("c-eng", "c-ops");
        cluster.Run("create", "clusterrole", "c-hierarchies", "--verb=get,create,update,patch", "--resource=hierarchyconfigurations.hnc.x-k8s.io");
        cluster.Run("create", "rolebinding", "jane", "-n", "c-ops", "--clusterrole=c-hierarchies", "--user=jane");
        var jane = cluster.ControlPlane.KubeconfigForClientCertificate("jane");

        // For the code 401 kubectl has words of its own.
        var refused = cluster.TryApply(Hierarchy("c-ops", "c-eng"), jane);
        Assert.Contains("user jane is not authorized to modify the subtree of c-eng, which is the proposed parent", refused, StringComparison.Ordinal);

        cluster.Run("create", "rolebinding", "jane-above", "-n", "c-eng", "--clusterrole=c-hierarchies", "--user=jane");
        Assert.Equal("", cluster.TryApply(Hierarchy("c-ops", "c-eng"), jane));
    }

    [Fact]
    public void Configurations_and_limits_must_be_some()
    {
        Namespaces("d-eng");
        Refuses("is invalid", "always uses the 'Propagate' mode and cannot be configured", cluster.TryApply(Configuration("{group: rbac.authorization.k8s.io, resource: roles, mode: Ignore}")));
        Assert.Equal("", cluster.TryApply(Configuration("{resource: secrets, mode: Propagate}")));
        Refuses("(Forbidden)", "deleting the 'config' object is forbidden", cluster.Try("delete", "hncconfiguration", "config"));
        Refuses("is invalid", "HierarchicalResourceQuota.hnc.x-k8s.io \"limit\" is invalid", cluster.TryApply(
            "apiVersion: hnc.x-k8s.io/v1alpha2\nkind: HierarchicalResourceQuota\nmetadata: {namespace: d-eng, name: limit}\nspec: {hard: {what is this: 1}}\n"));
    }

    [Fact]
    public async Task With_the_functions_gone_nothing_is_locked_that_is_not_the_trees()
    {
        Namespaces("e-eng", "e-shop");
        Assert.Equal("", cluster.TryApply(Hierarchy("e-shop", "e-eng")));
        await cluster.SettleAsync();
        // API servers before 1.21 do not do that by themselves.
        foreach (var ns in (string[])["kube-system", "heliograph"])
            cluster.Run("label", "namespace", ns, "--overwrite", $"kubernetes.io/metadata.name={ns}");
        await cluster.Functions.KillAsync();
        try
        {
            Assert.Contains("failed calling webhook \"objects.hnc.x-k8s.io\"", cluster.TryApply(Role("e-shop", "late")), StringComparison.Ordinal);
            Assert.Contains("failed calling webhook \"hierarchyconfigurations.hnc.x-k8s.io\"", cluster.TryApply(Hierarchy("e-shop", "")), StringComparison.Ordinal);
            Assert.Equal("", cluster.Try("create", "configmap", "c", "-n", "e-shop"));
            foreach (var ns in (string[])["kube-system", "heliograph"])
            {
                Assert.Equal("", cluster.TryApply(Role(ns, "late")));
                Assert.Equal("", cluster.Try("label", "namespace", ns, "--overwrite", "looked-after=yes"));
            }
        }
        finally
        {
            await cluster.StartAsync();
        }
        Assert.Equal("", cluster.TryApply(Role("e-shop", "late")));
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_restart()
    {
        var serial = cluster.Renew();
        await ReviewedCluster.EventuallyAsync("the new certificate is shown", async () => await SerialAsync() == serial);
        Namespaces("f-eng");
    }

    private async Task<string?> SerialAsync()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(cluster.Address.Host, cluster.Address.Port, Cancellation);
        await using var tls = new SslStream(connection.GetStream());
        var trusted = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trusted.CustomTrustStore.ImportFromPemFile(cluster.AuthorityFile);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trusted }, Cancellation);
        return tls.RemoteCertificate?.GetSerialNumberString();
    }

    private Task SettledAsync(string what, Func<bool> condition) => ReviewedCluster.EventuallyAsync(what, async () =>
    {
        await cluster.SettleAsync();
        return condition();
    });

    private string Depth(string ns, string ancestor) =>
        cluster.Run("get", "namespace", ns, "-o", $"jsonpath={{.metadata.labels.{ancestor.Replace(".", "\\.", StringComparison.Ordinal)}\\.tree\\.hnc\\.x-k8s\\.io/depth}}");

    private void Namespaces(params string[] names)
    {
        foreach (var name in names)
            cluster.Run("create", "namespace", name);
    }

    private static void Refuses(string code, string message, string told)
    {
        Assert.Contains("denied the request: ", told, StringComparison.Ordinal);
        Assert.Contains(message, told, StringComparison.Ordinal);
        Assert.Contains(code, told, StringComparison.Ordinal);
    }

    private static string Hierarchy(string ns, string parent, string more = "") =>
        $"apiVersion: hnc.x-k8s.io/v1alpha2\nkind: HierarchyConfiguration\nmetadata: {{name: hierarchy, namespace: {ns}}}\nspec:\n  parent: \"{parent}\"\n  {more}\n";

    private static string Anchor(string parent, string child) =>
        $"apiVersion: hnc.x-k8s.io/v1alpha2\nkind: SubnamespaceAnchor\nmetadata: {{name: {child}, namespace: {parent}}}\n";

    private static string Role(string ns, string name, string more = "") =>
        $"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: {name}\n  namespace: {ns}\n  {more}\nrules: []\n";

    private static string Configuration(string resource) =>
        $"apiVersion: hnc.x-k8s.io/v1alpha2\nkind: HNCConfiguration\nmetadata: {{name: config}}\nspec:\n  resources: [{resource}]\n";
}
