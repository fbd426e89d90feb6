using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Engine.Tests.Trees;

/// <summary>Anchors make namespaces, and take with them only what they may.</summary>
public sealed class SubnamespaceTests : IDisposable
{
    private readonly Forest forest = new Forest(new InheritanceSettings()).With("team");

    public void Dispose() => forest.Dispose();

    [Fact]
    public async Task An_anchor_makes_a_subnamespace()
    {
        forest.Secret("team");
        forest.Anchor("team", "dev");

        await forest.SweepAsync();

        Assert.Equal("team", forest.Server.Read(Kinds.Namespace, "", "dev")!.Annotation(Vocabulary.Hnc.SubnamespaceOf));
        Assert.Equal("team", forest.Server.Body(Kinds.HierarchyConfiguration, "dev", "hierarchy")!.MapOf("spec").TextOf("parent"));
        Assert.Equal(("dev=0 team=1", "Ok", "from team"), (forest.Labels("dev"), Status("team", "dev"), forest.At("dev")));
        forest.Cluster.ForgetRequests();
        await forest.SweepAsync();
        Assert.Equal(0, forest.Cluster.Writes);
    }

    [Fact]
    public async Task An_anchor_for_a_namespace_that_is_there_touches_nothing()
    {
        forest.With("full");
        forest.Anchor("team", "full");
        forest.Anchor("team", "kube-system");
        using var excluding = new Reconciler(
            forest.Cluster, forest.Settings with { Inheritance = new() { ExcludedNamespaces = Rules.PatternList.Parse("kube-.*", out _) } }, TimeProvider.System);

        await excluding.RunAsync([new Scope.Hierarchy()], dryRun: false, TestContext.Current.CancellationToken);

        Assert.Equal(("Conflict", "Forbidden"), (Status("team", "full"), Status("team", "kube-system")));
        Assert.Equal("full=0", forest.Labels("full"));
        forest.User.Delete(Kinds.SubnamespaceAnchor, "team", "full");
        await excluding.RunAsync([new Scope.Hierarchy()], dryRun: false, TestContext.Current.CancellationToken);
        Assert.Null(forest.Server.Read(Kinds.SubnamespaceAnchor, "team", "full"));
        Assert.NotNull(forest.Server.Read(Kinds.Namespace, "", "full"));
    }

    [Fact]
    public async Task A_leaf_goes_with_its_anchor()
    {
        forest.Anchor("team", "dev");
        await forest.SweepAsync();
        forest.User.Delete(Kinds.SubnamespaceAnchor, "team", "dev");

        await SettleAsync();

        Assert.Null(forest.Server.Read(Kinds.Namespace, "", "dev"));
        Assert.Null(forest.Server.Read(Kinds.SubnamespaceAnchor, "team", "dev"));
    }

    [Fact]
    public async Task A_subnamespace_with_subnamespaces_goes_only_where_that_is_allowed()
    {
        forest.Anchor("team", "dev");
        await forest.SweepAsync();
        forest.Anchor("dev", "dev-ann");
        await forest.SweepAsync();
        forest.User.Delete(Kinds.SubnamespaceAnchor, "team", "dev");

        await SettleAsync();
        var held = Assert.Single((await forest.SweepAsync()).Held);
        Assert.Equal(("SubnamespaceAnchor/team/dev", "dev contains subnamespaces (dev-ann), and neither it nor an ancestor allows cascading deletion"), (held.Anchor.Ref.ToString(), held.Why));
        Assert.NotNull(forest.Server.Read(Kinds.Namespace, "", "dev-ann"));
        Assert.False(forest.Server.Read(Kinds.Namespace, "", "dev")!.Deleting);
        forest.User.Patch(Kinds.HierarchyConfiguration, "team", "hierarchy", """{"spec": {"allowCascadingDeletion": true}}""");
        await SettleAsync();

        Assert.Null(forest.Server.Read(Kinds.Namespace, "", "dev-ann"));
        Assert.Null(forest.Server.Read(Kinds.Namespace, "", "dev"));
        Assert.NotNull(forest.Server.Read(Kinds.Namespace, "", "team"));
    }

    [Fact]
    public async Task The_parent_of_a_subnamespace_is_where_its_anchor_is()
    {
        forest.With("other");
        forest.Anchor("team", "dev");
        await forest.SweepAsync();
        forest.SetParent("dev", "other");

        await forest.SweepAsync();

        Assert.Equal("team", forest.Server.Body(Kinds.HierarchyConfiguration, "dev", "hierarchy")!.MapOf("spec").TextOf("parent"));
        forest.User.Annotate(Kinds.Namespace, "", "dev", Vocabulary.Hnc.SubnamespaceOf, null);
        await forest.SweepAsync();
        Assert.Equal("Conflict", Status("team", "dev"));
    }

    /// <summary>Its anchor lies in itself: who waits for the other to go first, waits for ever.</summary>
    [Fact]
    public async Task A_namespace_that_is_its_own_subnamespace_goes_with_its_anchor()
    {
        forest.Anchor("team", "team");
        forest.User.Annotate(Kinds.Namespace, "", "team", Vocabulary.Hnc.SubnamespaceOf, "team");
        await forest.SweepAsync();
        Assert.Equal(("Ok", "InCycle"), (Status("team", "team"), forest.Conditions("team")));
        forest.User.Patch(Kinds.HierarchyConfiguration, "team", "hierarchy", """{"spec": {"allowCascadingDeletion": true}}""");
        forest.User.Delete(Kinds.SubnamespaceAnchor, "team", "team");

        await SettleAsync();

        Assert.Null(forest.Server.Read(Kinds.Namespace, "", "team"));
    }

    private string Status(string parent, string child) => forest.Server.Body(Kinds.SubnamespaceAnchor, parent, child)!.MapOf("status").TextOf("status");

    private async Task SettleAsync()
    {
        for (var round = 0; round < 4; round++)
        {
            await forest.RunAsync(new Scope.Hierarchy());
            forest.Server.SettleNamespaces();
        }
        await forest.RunAsync(new Scope.Hierarchy());
    }
}
