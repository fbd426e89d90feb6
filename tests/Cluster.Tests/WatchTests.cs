using System.Globalization;
using Heliograph.ControlPlane;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Cluster.Tests;

/// <summary>Watches on the real API server.</summary>
public sealed class WatchTests(RealCluster cluster)
{
    private static readonly TimeSpan ServerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_goes_on_from_a_list_and_tells_of_every_change_without_any_data()
    {
        var ns = await cluster.NewNamespaceAsync();
        var version = await ListedVersionAsync(cluster.Admin);
        var created = await cluster.CreateAsync(Kinds.Secret, ns, "s", Writing.Secret("s", "\"a\":\"YQ==\"", ""","annotations":{"note":"x"}"""));
        var changed = Assert.IsType<WriteResult.Done>(await cluster.Admin.SendAsync(Writing.Patch(Kinds.Secret, ns, "s", """{"data":{"b":"Yg=="}}"""), Cancellation));
        await cluster.Admin.SendAsync(Writing.Delete(Kinds.Secret, ns, "s"), Cancellation);

        var lines = await TakeAsync(ns, version, 3);

        var added = Assert.IsType<WatchLine.Added>(lines[0]).Object;
        var modified = Assert.IsType<WatchLine.Modified>(lines[1]).Object;
        var deleted = Assert.IsType<WatchLine.Deleted>(lines[2]).Object;
        Assert.Equal((ns, "s", created.Uid, created.ResourceVersion), (added.Namespace, added.Name, added.Uid, added.ResourceVersion));
        Assert.Equal("x", added.Annotation("note"));
        Assert.Equal(["annotations/note", "data/a"], added.Ownership.Ours);
        Assert.Equal(changed.ResourceVersion, modified.ResourceVersion);
        Assert.Equal(["data/a", "data/b"], modified.Ownership.CopiedPaths);
        Assert.True(Number(deleted.ResourceVersion) > Number(modified.ResourceVersion));
        Assert.All([added, modified, deleted], snapshot => Assert.Null(snapshot.Content));
    }

    [Fact]
    public async Task A_watch_does_not_see_Helm_s_release_records()
    {
        var ns = await cluster.NewNamespaceAsync();
        var version = await ListedVersionAsync(cluster.Admin);
        await cluster.CreateAsync(Kinds.Secret, ns, "release", Writing.Secret("release", "", type: "helm.sh/release.v1"));
        await cluster.CreateAsync(Kinds.Secret, ns, "after", Writing.Secret("after", ""));

        var line = Assert.Single(await TakeAsync(ns, version, 1));

        Assert.Equal("after", Assert.IsType<WatchLine.Added>(line).Object.Name);
    }

    [Fact]
    public async Task The_server_ends_a_watch_in_time_and_sends_a_bookmark_before()
    {
        var ns = await cluster.NewNamespaceAsync();
        var version = await ListedVersionAsync(cluster.Admin);
        var lines = new List<WatchLine>();
        WriteResult.Done? created = null;
        await cluster.CreateAsync(Kinds.ConfigMap, ns, "before", Writing.ConfigMap("before", ""));

        await foreach (var line in cluster.Admin.WatchAsync(Kinds.ConfigMap, version, TimeSpan.FromSeconds(8), Silence, Cancellation))
        {
            lines.Add(line);
            // The API server sends a bookmark only where something happened while the watch was open.
            created ??= await cluster.CreateAsync(Kinds.ConfigMap, ns, "during", Writing.ConfigMap("during", ""));
        }

        var bookmark = Assert.IsType<WatchLine.Bookmark>(lines.Last(line => line is WatchLine.Bookmark));
        Assert.True(Number(bookmark.ResourceVersion) >= Number(created!.ResourceVersion));
    }

    [Fact]
    public async Task The_caller_ends_a_watch_at_once()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var version = await ListedVersionAsync(cluster.Admin);

        var watch = Task.Run(
            async () =>
            {
                await foreach (var line in cluster.Admin.WatchAsync(Kinds.Namespace, version, ServerTimeout, Silence, stop.Token))
                    Assert.NotNull(line);
            },
            Cancellation);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
    }

    /// <summary>A control plane of its own, because its API server is killed and restarted.</summary>
    [Fact]
    public async Task After_a_restart_of_the_API_server_an_old_version_is_refused_and_the_same_client_goes_on()
    {
        await using var controlPlane = await LocalControlPlane.StartAsync(new ControlPlaneOptions { ControllerManager = false }, cancellationToken: Cancellation);
        using var client = RealCluster.Connect(controlPlane.AdminKubeconfig);
        var version = await ListedVersionAsync(client);
        var watching = EndAsync(client.WatchAsync(Kinds.Secret, version, ServerTimeout, Silence, Cancellation));
        await client.SendAsync(Writing.Create(Kinds.Secret, "default", "s", Writing.Secret("s", "")), Cancellation);

        await controlPlane.KillApiServerAsync(Cancellation);
        var cut = await watching;
        var whileDown = await client.SendAsync(Writing.Create(Kinds.Secret, "default", "t", Writing.Secret("t", "")), Cancellation);
        await controlPlane.StartApiServerAsync(Cancellation);
        var afterwards = await client.SendAsync(Writing.Create(Kinds.Secret, "default", "t", Writing.Secret("t", "")), Cancellation);
        var tooOld = await FirstAsync(client.WatchAsync(Kinds.Secret, "1", ServerTimeout, Silence, Cancellation));

        Assert.Equal((FailureKind.Unanswered, "watch secrets"), (cut!.Failure.Kind, cut.Failure.Request));
        Assert.Equal((FailureKind.Unanswered, 0), (Refusal(whileDown).Kind, Refusal(whileDown).StatusCode));
        Assert.IsType<WriteResult.Done>(afterwards);
        Assert.Equal(new WatchLine.Failed(410, "Expired"), tooOld);
    }

    private static Failure Refusal(WriteResult result) => Assert.IsType<WriteResult.Refused>(result).Failure;

    private static async Task<ClusterException?> EndAsync(IAsyncEnumerable<WatchLine> watch)
    {
        try
        {
            await foreach (var line in watch.WithCancellation(Cancellation))
                Assert.NotNull(line);
            return null;
        }
        catch (ClusterException e)
        {
            return e;
        }
    }

    private static async Task<WatchLine> FirstAsync(IAsyncEnumerable<WatchLine> watch)
    {
        await foreach (var line in watch.WithCancellation(Cancellation))
            return line;
        throw new InvalidOperationException("The watch ended without a line.");
    }

    private static async Task<string> ListedVersionAsync(KubernetesCluster client)
    {
        var version = "";
        await foreach (var page in client.ListForWatchAsync(Kinds.Secret, Cancellation))
            version = page.ResourceVersion;
        return version;
    }

    /// <summary>The first lines about Secrets of a namespace.</summary>
    private async Task<List<WatchLine>> TakeAsync(string ns, string version, int count)
    {
        var lines = new List<WatchLine>();
        await foreach (var line in cluster.Admin.WatchAsync(Kinds.Secret, version, ServerTimeout, Silence, Cancellation))
        {
            var snapshot = line switch
            {
                WatchLine.Added added => added.Object,
                WatchLine.Modified modified => modified.Object,
                WatchLine.Deleted deleted => deleted.Object,
                _ => null,
            };
            if (snapshot?.Namespace == ns && !snapshot.Name.StartsWith("default-token", StringComparison.Ordinal))
                lines.Add(line);
            if (lines.Count == count)
                break;
        }
        return lines;
    }

    private static ulong Number(string resourceVersion) => ulong.Parse(resourceVersion, CultureInfo.InvariantCulture);
}
