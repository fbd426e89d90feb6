using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Engine.Tests.Trees;

/// <summary>The definitions of the tree's kinds are deleted, and their objects with them: whoever uninstalls does not want to lose namespaces and copies.</summary>
public sealed class DefinitionTests : IDisposable
{
    private const string Hold = """{"metadata": {"finalizers": ["customresourcecleanup.apiextensions.k8s.io"]}}""";

    private readonly Forest forest = new Forest().With("eng", "shop<eng", "web<shop");

    public void Dispose() => forest.Dispose();

    [Fact]
    public async Task Hierarchies_that_go_with_their_definition_take_neither_copies_nor_labels_with_them()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        BeginToDelete(Kinds.HierarchyConfiguration);
        forest.User.Delete(Kinds.HierarchyConfiguration, "shop", "hierarchy");

        await forest.SweepAsync();
        await ColumnsAsync();

        Assert.Equal(("from eng", "from eng"), (forest.At("shop"), forest.At("web")));
        Assert.Equal(("eng=1 shop=0", "eng=2 shop=1 web=0"), (forest.Labels("shop"), forest.Labels("web")));
        Assert.Null(forest.Server.Read(Kinds.HierarchyConfiguration, "shop", "hierarchy"));
        var condition = (Json.Map)forest.Server.Body(Kinds.HierarchyConfiguration, "web", "hierarchy")!.MapOf("status").ItemsOf("conditions")[0];
        Assert.Equal(
            ("ActivitiesHalted", "DeletingCRD", "The HierarchyConfiguration CRD is being deleted; all propagation is disabled."),
            (condition.TextOf("type"), condition.TextOf("reason"), condition.TextOf("message")));

        forest.User.Delete(Kinds.HierarchyConfiguration, "web", "hierarchy");
        forest.User.Patch(Kinds.Definition, "", Name(Kinds.HierarchyConfiguration), """{"metadata": {"finalizers": null}}""");
        await forest.SweepAsync();
        await ColumnsAsync();
        Assert.Equal(("from eng", "from eng"), (forest.At("shop"), forest.At("web")));
        Assert.Equal("eng=2 shop=1 web=0", forest.Labels("web"));
    }

    [Fact]
    public async Task A_hierarchy_that_is_deleted_by_itself_takes_what_it_gave()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.User.Delete(Kinds.HierarchyConfiguration, "shop", "hierarchy");

        await forest.SweepAsync();
        await forest.SweepAsync();

        Assert.Equal(("", ""), (forest.At("shop"), forest.At("web")));
        Assert.Equal(("shop=0", "shop=1 web=0"), (forest.Labels("shop"), forest.Labels("web")));
    }

    [Fact]
    public async Task Anchors_that_go_with_their_definition_leave_their_subnamespaces()
    {
        forest.Anchor("eng", "dev");
        await forest.SweepAsync();
        BeginToDelete(Kinds.SubnamespaceAnchor);
        forest.User.Delete(Kinds.SubnamespaceAnchor, "eng", "dev");

        await forest.SweepAsync();

        Assert.Null(forest.Server.Read(Kinds.SubnamespaceAnchor, "eng", "dev"));
        Assert.False(forest.Server.Read(Kinds.Namespace, "", "dev")!.Deleting);
    }

    [Fact]
    public async Task Nothing_holds_up_what_goes_with_its_definition()
    {
        forest.Anchor("eng", "dev");
        await forest.SweepAsync();
        BeginToDelete(Kinds.SubnamespaceAnchor);
        BeginToDelete(Kinds.HierarchyConfiguration);
        forest.User.Delete(Kinds.HierarchyConfiguration, "eng", "hierarchy");
        forest.User.Delete(Kinds.HierarchyConfiguration, "dev", "hierarchy");
        forest.User.Delete(Kinds.SubnamespaceAnchor, "eng", "dev");

        await forest.SweepAsync();

        Assert.Null(forest.Server.Read(Kinds.HierarchyConfiguration, "eng", "hierarchy"));
        Assert.Null(forest.Server.Read(Kinds.HierarchyConfiguration, "dev", "hierarchy"));
        Assert.Null(forest.Server.Read(Kinds.SubnamespaceAnchor, "eng", "dev"));
        Assert.False(forest.Server.Read(Kinds.Namespace, "", "dev")!.Deleting);
    }

    [Fact]
    public async Task A_tree_as_it_should_be_raises_no_question()
    {
        forest.Anchor("eng", "dev");
        await forest.SweepAsync();
        forest.Cluster.ForgetRequests();

        await forest.SweepAsync();

        Assert.Equal(0, forest.Cluster.Count(ApiVerb.Get, Kinds.Definition));
    }

    /// <summary>It goes once all its objects are gone.</summary>
    private void BeginToDelete(Kind kind)
    {
        forest.User.Patch(Kinds.Definition, "", Name(kind), Hold);
        forest.User.Delete(Kinds.Definition, "", Name(kind));
    }

    private Task<Outcome> ColumnsAsync() => forest.RunAsync(new Scope.Column("shop"), new Scope.Column("web"), new Scope.Row(new("Secret", "eng", "s")));

    private static string Name(Kind kind) => $"{kind.Plural}.{kind.Group}";
}
