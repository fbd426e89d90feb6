using System.Text.Json.Nodes;
using Heliograph.Chain.Tests.Network;
using Heliograph.Chain.Tests.World;
using Heliograph.Deploy.Tests;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>Namespaces inherit, through both programs and a real control plane, whatever happens meanwhile.</summary>
public sealed class TreeTests(TreeChain chain) : ChainTest(chain), IClassFixture<TreeChain>
{
    private TreesWorld Trees => chain.Trees;

    public override async ValueTask InitializeAsync()
    {
        await chain.InstallAsync();
        await base.InitializeAsync();
    }

    [Fact]
    public async Task What_stands_at_the_root_reaches_all_below_it_and_follows()
    {
        await Trees.AddAsync("reach", "reach-other");
        await Trees.AddChildrenAsync(("reach-full", "reach"));
        await Trees.AnchorAsync("reach", "reach-sub");
        await Chain.ConvergesAsync();
        await Trees.AnchorAsync("reach-sub", "reach-leaf");
        await Trees.PutAsync(new("Secret", "reach", "s"), 1);
        await Trees.PutAsync(new("ConfigMap", "reach", "c"), 1);
        await Trees.PutAsync(new("Role", "reach", "r"), 1);
        await Trees.PutAsync(new("Secret", "reach-sub", "below"), 1);
        await Chain.ConvergesAsync();

        await Trees.PutAsync(new("Secret", "reach", "s"), 2);
        await Trees.PutAsync(new("Role", "reach", "r"), 2);
        await Trees.RemoveAsync(new("ConfigMap", "reach", "c"));
        await Trees.AddChildrenAsync(("reach-late", "reach-leaf-2"), ("reach-leaf-2", "reach-full"));
        await Chain.ConvergesAsync();

        await Chain.User.PatchAsync(Kinds.Secret, "reach-leaf", "s", new() { ["data"] = new JsonObject { ["v"] = "c3BvaWx0" } });
        await Chain.User.DeleteAsync(Kinds.Secret, "reach-sub", "s");
        await Trees.SetParentAsync("reach-full", "reach-other");
        await Chain.ConvergesAsync();
    }

    [Fact]
    public async Task A_deleted_anchor_takes_its_subnamespace_only_where_it_may_take_all_below()
    {
        await Trees.AddAsync("held");
        await Trees.AnchorAsync("held", "held-sub");
        await Chain.ConvergesAsync();
        await Trees.AnchorAsync("held-sub", "held-leaf");
        await Trees.PutAsync(new("Secret", "held", "s"), 1);
        await Chain.ConvergesAsync();

        Kubectl.Run(Chain.ControlPlane.AdminKubeconfig, null, "delete", "subns", "held-sub", "-n", "held", "--wait=false");
        await Eventually.TrueAsync(
            "that it is held is told on the anchor",
            async () => (await Chain.User.ListAsync("/api/v1/namespaces/held/events")).Any(told =>
                (string?)told["reason"] == "Held" && (string?)told["involvedObject"]!["name"] == "held-sub"
                && ((string?)told["message"])!.StartsWith("held-sub contains subnamespaces (held-leaf)", StringComparison.Ordinal)),
            () => Chain.Evidence);
        await Chain.ConvergesAsync();

        await Trees.AllowCascadingAsync("held");
        Trees.ForgetAll("held-sub");
        await Chain.ConvergesAsync();
    }

    [Fact]
    public async Task Moved_in_the_middle_of_a_fan_out()
    {
        var (home, other) = (new ResourceRef("Secret", "fan", "s"), new ResourceRef("Secret", "fan-other", "s"));
        await Trees.AddAsync("fan", "fan-other");
        await Trees.AddChildrenAsync([.. Branch("fan", 60)]);
        await Trees.PutAsync(other, 7);
        await Chain.ConvergesAsync();

        await HalfWayAsync(20, () => Trees.PutAsync(home, 1));
        await Trees.SetParentAsync("fan-0", "fan-other");
        await Chain.Functions.KillAsync();
        Chain.IsInOrder();
        await Chain.Functions.StartAsync();
        await Chain.ConvergesAsync();

        await HalfWayAsync(20, () => Trees.SetParentAsync("fan-0", "fan"));
        await Trees.PutAsync(home, 2);
        await Chain.Functions.KillAsync();
        await Chain.Exporter.KillAsync();
        Chain.IsInOrder();
        await Chain.Functions.StartAsync();
        await Chain.Exporter.StartAsync();
        await Chain.ConvergesAsync();
    }

    [Fact]
    public async Task The_api_server_killed_while_a_subtree_is_moved_under_load()
    {
        await Trees.AddAsync("moved", "moved-other");
        await Trees.AddChildrenAsync([.. Branch("moved", 40)]);
        for (var i = 0; i < 5; i++)
        {
            await Trees.PutAsync(new("Secret", "moved", $"s{i}"), i);
            await Trees.PutAsync(new("ConfigMap", "moved-other", $"c{i}"), i);
        }
        await Chain.ConvergesAsync();
        Chain.FunctionsApi.Forget();
        await Trees.SetParentAsync("moved-0", "moved-other");
        var load = LoadAsync();
        await SeesAsync("copies are being written", () => Chain.FunctionsApi.Requests.Count(request => request.IsWrite) > 30);

        await Chain.ControlPlane.KillApiServerAsync(TestContext.Current.CancellationToken);
        await Chain.ControlPlane.StartApiServerAsync(TestContext.Current.CancellationToken);
        await load;

        await Chain.ConvergesAsync();
        await Chain.IsReadyAsync();

        async Task LoadAsync()
        {
            for (var i = 0; i < 40; i++)
                await Trees.PutAsync(new("Secret", "moved", $"s{i % 5}"), 100 + i);
        }
    }

    [Fact]
    public async Task With_the_admission_endpoint_what_must_not_be_is_refused_and_the_rest_inherits()
    {
        await Trees.AddAsync("asked");
        await chain.AskAsync();
        try
        {
            await Eventually.TrueAsync(
                "the API server asks before it makes a circle",
                () => Refused(Hierarchy("asked", "asked")).Contains("(Conflict)", StringComparison.Ordinal), () => Chain.Evidence);
            Assert.Contains("illegal parent: \"asked\" cannot be set as its own parent", Refused(Hierarchy("asked", "asked")), StringComparison.Ordinal);
            await Trees.AnchorAsync("asked", "asked-sub");
            await Trees.PutAsync(new("Role", "asked", "r"), 1);
            await Chain.ConvergesAsync();

            // For a moment what it asks about is judged by a tree without the new namespace, and put right afterwards.
            await Eventually.TrueAsync(
                "a copy is protected",
                () => Refused(null, "delete", "role", "r", "-n", "asked-sub", "--dry-run=server").Contains("cannot delete object propagated from namespace \"asked\"", StringComparison.Ordinal),
                () => Chain.Evidence);
            Assert.Contains("Please delete the anchor from the parent namespace asked", Refused(null, "delete", "namespace", "asked-sub"), StringComparison.Ordinal);
            Assert.Contains("requested parent \"nowhere\" does not exist", Refused(Hierarchy("asked", "nowhere")), StringComparison.Ordinal);
            Kubectl.Run(Chain.ControlPlane.AdminKubeconfig, null, "delete", "subns", "asked-sub", "-n", "asked", "--wait=false");
            Trees.ForgetAll("asked-sub");
            await Chain.ConvergesAsync();
        }
        finally
        {
            chain.NoLongerAsk();
        }
    }

    /// <summary>Does something that makes the functions write, and stops their writes after a while.</summary>
    private async Task HalfWayAsync(int width, Func<Task> action)
    {
        var (passed, held) = (0, 0);
        Chain.FunctionsApi.Fates = request =>
        {
            if (!request.IsWrite || Interlocked.Increment(ref passed) <= width)
                return Fate.Passes;
            Interlocked.Increment(ref held);
            return Fate.IsHeld;
        };
        await action();
        await SeesAsync("writes wait", () => Volatile.Read(ref held) > 0);
    }

    /// <summary>So many namespaces, the first of them below a root, of the others four below each.</summary>
    private static IEnumerable<(string Child, string Parent)> Branch(string root, int count) =>
        Enumerable.Range(0, count).Select(i => ($"{root}-{i}", i == 0 ? root : $"{root}-{(i - 1) / 4}"));

    private string Refused(string? yaml, params string[] arguments) =>
        Kubectl.Try(Chain.ControlPlane.AdminKubeconfig, yaml, arguments is [] ? ["apply", "--validate=false", "-f", "-"] : arguments).Errors;

    private static string Hierarchy(string ns, string parent) =>
        $"apiVersion: hnc.x-k8s.io/v1alpha2\nkind: HierarchyConfiguration\nmetadata: {{name: hierarchy, namespace: {ns}}}\nspec: {{parent: {parent}}}\n";
}
