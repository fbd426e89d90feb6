using System.Globalization;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Cluster.Tests;

/// <summary>Lists and gets on the real API server.</summary>
public sealed class ReadTests(RealCluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_reads_every_page_and_each_object_once()
    {
        var ns = await cluster.NewNamespaceAsync();
        var names = Enumerable.Range(0, 25).Select(i => string.Create(CultureInfo.InvariantCulture, $"object-{i:00}")).ToArray();
        foreach (var name in names)
            await cluster.CreateAsync(Kinds.ConfigMap, ns, name, Writing.ConfigMap(name, "\"a\":\"b\""));
        using var inTens = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = cluster.ControlPlane.AdminKubeconfig, PageSize = 10 });
        var pages = new List<ListPage>();

        var listing = await inTens.ListAsync(Kinds.ConfigMap, new ListScope(ns), keep: null, Cancellation);
        await foreach (var page in inTens.ListForWatchAsync(Kinds.ConfigMap, Cancellation))
            pages.Add(page);

        Assert.Equal(names, listing.Items.Select(item => item.Name).Where(name => name != "kube-root-ca.crt").Order(StringComparer.Ordinal));
        Assert.All(pages.SkipLast(1), page => Assert.False(page.IsLast));
        Assert.True(pages[^1].IsLast);
        Assert.True(pages.Count > 2);
        Assert.Single(pages.Select(page => page.ResourceVersion).Distinct());
        Assert.All(pages, page => Assert.True(page.Objects.Count <= 10));
        Assert.Superset(names.ToHashSet(), pages.SelectMany(page => page.Objects).Where(o => o.Namespace == ns).Select(o => o.Name).ToHashSet());
    }

    [Fact]
    public async Task A_list_keeps_what_it_is_asked_to_keep_and_says_at_which_version()
    {
        var ns = await cluster.NewNamespaceAsync();
        var first = await cluster.CreateAsync(Kinds.Secret, ns, "a", Writing.Secret("a", ""));
        await cluster.CreateAsync(Kinds.Secret, ns, "b", Writing.Secret("b", ""));

        var listing = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(ns), snapshot => snapshot.Name == "a", Cancellation);

        var kept = Assert.Single(listing.Items);
        Assert.Equal((first.Uid, first.ResourceVersion), (kept.Uid, kept.ResourceVersion));
        Assert.True(ulong.Parse(listing.ResourceVersion, CultureInfo.InvariantCulture) > ulong.Parse(first.ResourceVersion, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_name_selects_across_namespaces()
    {
        var (one, two) = (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        foreach (var ns in (string[])[one, two])
        {
            await cluster.CreateAsync(Kinds.Secret, ns, "across", Writing.Secret("across", ""));
            await cluster.CreateAsync(Kinds.Secret, ns, "not-across", Writing.Secret("not-across", ""));
        }

        var listing = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(Name: "across"), keep: null, Cancellation);
        var oddName = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(Name: "across,metadata.namespace=" + one), keep: null, Cancellation);

        Assert.Equal([$"{one}/across", $"{two}/across"], listing.Items.Select(item => $"{item.Namespace}/{item.Name}"));
        Assert.Empty(oddName.Items);
    }

    [Fact]
    public async Task A_list_that_may_be_old_shows_at_least_the_version_it_asks_for()
    {
        var ns = await cluster.NewNamespaceAsync();
        for (var i = 0; i < 20; i++)
        {
            var name = $"fresh-{i}";
            await cluster.CreateAsync(Kinds.Secret, ns, name, Writing.Secret(name, ""));
            var written = await cluster.Admin.GetAsync(Kinds.Secret, ns, name, ReadDepth.Metadata, Cancellation);

            var listing = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(Name: name, NotOlderThan: written!.ResourceVersion), keep: null, Cancellation);

            Assert.Equal(written.ResourceVersion, Assert.Single(listing.Items).ResourceVersion);
            Assert.False(ResourceVersions.IsNewer(written.ResourceVersion, listing.ResourceVersion));
        }
    }

    [Fact]
    public async Task A_version_that_is_yet_to_come_is_not_now()
    {
        var failed = await Assert.ThrowsAsync<ClusterException>(() =>
            cluster.Admin.ListAsync(Kinds.Secret, new ListScope(Name: "any", NotOlderThan: "999999999999"), keep: null, Cancellation));

        Assert.True(failed.Failure.Heals, $"{failed.Failure}");
    }

    [Fact]
    public async Task Helm_s_release_records_are_not_listed()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateAsync(Kinds.Secret, ns, "release", Writing.Secret("release", "", type: "helm.sh/release.v1"));
        await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", ""));

        var listing = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(ns), keep: null, Cancellation);
        var byName = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(Name: "release"), keep: null, Cancellation);

        Assert.Contains("registry", listing.Items.Select(item => item.Name));
        Assert.DoesNotContain("release", listing.Items.Select(item => item.Name));
        Assert.Empty(byName.Items);
    }

    [Fact]
    public async Task Where_there_is_nothing_a_list_is_empty()
    {
        var missing = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope("no-such-namespace"), keep: null, Cancellation);
        var impossible = await cluster.Admin.ListAsync(Kinds.Secret, new ListScope(".."), keep: null, Cancellation);

        Assert.Empty(missing.Items);
        Assert.Empty(impossible.Items);
        Assert.NotEmpty(impossible.ResourceVersion);
    }

    [Fact]
    public async Task Namespaces_are_read_like_anything_else()
    {
        var ns = await cluster.NewNamespaceAsync();

        var listing = await cluster.Admin.ListAsync(Kinds.Namespace, default, keep: null, Cancellation);
        var read = await cluster.Admin.GetAsync(Kinds.Namespace, "", ns, ReadDepth.Metadata, Cancellation);

        Assert.Contains(ns, listing.Items.Select(item => item.Name));
        Assert.Equal((ns, ""), (read!.Name, read.Namespace));
    }

    [Theory]
    [InlineData("", ApiRequest.ListMetadata)]
    [InlineData("?watch=true&timeoutSeconds=1", ApiRequest.ObjectMetadata)]
    [InlineData("/s", ApiRequest.ObjectMetadata)]
    public async Task What_we_ask_for_as_metadata_comes_without_data(string path, string accept)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateAsync(Kinds.Secret, ns, "s", Writing.Secret("s", "\"key\":\"dGhlLXZhbHVl\""));

        var answer = await cluster.CallAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/secrets{path}", accept: accept);

        Assert.Contains("f:key", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("dGhlLXZhbHVl", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_reads_as_null()
    {
        var ns = await cluster.NewNamespaceAsync();

        Assert.Null(await cluster.Admin.GetAsync(Kinds.Secret, ns, "registry", ReadDepth.Content, Cancellation));
        Assert.Null(await cluster.Admin.GetAsync(Kinds.Secret, "no-such-namespace", "registry", ReadDepth.Metadata, Cancellation));
    }

    [Fact]
    public async Task A_large_object_is_read_whole()
    {
        var ns = await cluster.NewNamespaceAsync();
        var value = new string('x', 1_000_000);
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", Writing.ConfigMap("large", $"\"a\":\"{value}\""));

        var read = await cluster.Admin.GetAsync(Kinds.ConfigMap, ns, "large", ReadDepth.Content, Cancellation);

        Assert.Equal(value, read!.Content!.Entries("data").Single().Value.GetString());
    }

    [Fact]
    public async Task The_server_says_its_version()
    {
        var version = await cluster.Admin.GetVersionAsync(Cancellation);

        Assert.Equal(cluster.ControlPlane.Version.ToString(), version.ToString());
        Assert.True(version.IsAtLeast(1, 20));
        Assert.False(version.IsAtLeast(2, 0));
    }

    [Fact]
    public void The_connection_is_described_by_its_address_alone() =>
        Assert.Equal(cluster.ControlPlane.Address.GetLeftPart(UriPartial.Authority), cluster.Admin.DescribeConnection());
}
