using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Heliograph.Chain.Tests.World;
using Heliograph.Dev.Clusters;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>A right that is missing for one kind.</summary>
public sealed class RightsTests(Chain chain) : ChainTest(chain)
{
    [Fact]
    public async Task One_kind_that_may_not_be_watched_is_named_and_the_others_go_on()
    {
        await World.AddNamespacesAsync("unwatched-home", "unwatched-a");
        await Chain.Exporter.StopAsync();
        var binding = await TakeAwayAsync("heliograph-exporter-configmaps-watch", "heliograph-exporter", "list");
        try
        {
            await Chain.Exporter.StartAsync();
            await World.PutAsync(new Source(new ResourceRef("Secret", "unwatched-home", "s"), "unwatched-a", 1));
            await Chain.ConvergesAsync();
            await Chain.ExporterSaysAsync("list configmaps: 403 Forbidden: our account needs the verbs list and watch on configmaps in the whole cluster");
        }
        finally
        {
            await Chain.Installer.CreateAsync(binding, "installer", TestContext.Current.CancellationToken);
        }
        await World.PutAsync(new Source(new ResourceRef("ConfigMap", "unwatched-home", "s"), "unwatched-a", 1));
        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();
    }

    [Fact]
    public async Task One_kind_that_may_not_be_written_is_named_and_the_others_go_on()
    {
        await World.AddNamespacesAsync("unwritten-home", "unwritten-a");
        var binding = await TakeAwayAsync("heliograph-functions-configmaps-write", "heliograph-functions", "create");
        try
        {
            await World.PutAsync(new Source(new ResourceRef("ConfigMap", "unwritten-home", "s"), "unwritten-a", 1));
            await SeesAsync(
                "what is refused is said",
                () => Chain.Functions.Lines.Any(line => line.Contains("create ConfigMap unwritten-a/s: 403 Forbidden", StringComparison.Ordinal)));
            await World.PutAsync(new Source(new ResourceRef("Secret", "unwritten-home", "s"), "unwritten-a", 1));
            await Eventually.UndisputedAsync(
                "the Secret has its mirror",
                async () => [.. (await World.DifferencesAsync()).Where(difference => !difference.StartsWith("ConfigMap", StringComparison.Ordinal))],
                () => Chain.Evidence);
        }
        finally
        {
            await Chain.Installer.CreateAsync(binding, "installer", TestContext.Current.CancellationToken);
        }
        // What was refused was acknowledged, and nothing happens to it any more; the functions look again by themselves.
        await Chain.ConvergesAsync();
    }

    /// <summary>Removes a binding and waits until the API server knows.</summary>
    private async Task<Manifest> TakeAwayAsync(string name, string account, string verb)
    {
        var binding = Chain.Manifests.Single(manifest => manifest.Name == name && manifest.Kind == Rows.ClusterRoleBinding);
        await Chain.Installer.DeleteAsync(Rows.ClusterRoleBinding, "", name, uid: null, TestContext.Current.CancellationToken);
        await IsAllowedAsync(account, verb, expected: false);
        return binding;
    }

    private Task IsAllowedAsync(string account, string verb, bool expected) => Eventually.TrueAsync(
        $"the API server knows the rights of {account}",
        async () =>
        {
            var review = new JsonObject
            {
                ["apiVersion"] = "authorization.k8s.io/v1",
                ["kind"] = "SubjectAccessReview",
                ["spec"] = new JsonObject
                {
                    ["user"] = $"system:serviceaccount:heliograph:{account}",
                    ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["resource"] = "configmaps", ["namespace"] = "unwritten-a" },
                },
            };
            using var response = await Chain.Admin.PostAsJsonAsync(
                "/apis/authorization.k8s.io/v1/subjectaccessreviews", review, TestContext.Current.CancellationToken);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            return ((bool?)answer["status"]!["allowed"] ?? false) == expected;
        },
        () => Chain.Evidence);
}
