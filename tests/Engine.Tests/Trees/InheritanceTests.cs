using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Engine.Tests.Trees;

/// <summary>What is inherited arrives by a sweep, by a row and by a column alike, and goes again.</summary>
public sealed class InheritanceTests : IDisposable
{
    private static readonly string[] Heirs = ["gamestore", "v1"];

    private readonly Forest forest = new Forest().With("eng", "gamestore<eng", "v1<gamestore", "elsewhere");

    public void Dispose() => forest.Dispose();

    [Fact]
    public async Task A_sweep_labels_the_tree_and_copies_down_it()
    {
        forest.Secret("eng");

        await forest.SweepAsync();

        Assert.Equal("eng=2 gamestore=1 v1=0", forest.Labels("v1"));
        Assert.Equal("elsewhere=0", forest.Labels("elsewhere"));
        Assert.Equal(("own", "from eng", "from eng", ""), (forest.At("eng"), forest.At("gamestore"), forest.At("v1"), forest.At("elsewhere")));
        Assert.Equal(["gamestore"], forest.Server.Body(Kinds.HierarchyConfiguration, "eng", "hierarchy")!.MapOf("status")["children"] is Json.List children ? children.Items.Select(child => ((Json.Text)child).Value) : []);
    }

    [Fact]
    public async Task A_second_sweep_writes_nothing()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.Cluster.ForgetRequests();

        await forest.SweepAsync();

        Assert.Equal(0, forest.Cluster.Writes);
    }

    /// <summary>It is what makes an echo of the copy, and nothing else: another tree alone is no reason to write it again.</summary>
    [Fact]
    public async Task A_copy_says_of_which_version_the_tree_was_known()
    {
        forest.Secret("eng");
        await forest.RunAsync(new Scope.Hierarchy());
        var read = forest.Server.ResourceVersion;
        await forest.RunAsync(new Scope.Column("v1"));
        var copy = forest.Server.Read(Kinds.Secret, "v1", "s")!;
        Assert.Equal(read, copy.Annotation(Vocabulary.Heliograph.NamespacesVersion));
        Assert.True(ResourceVersions.IsNewer(copy.ResourceVersion, read));

        forest.With("other<eng");
        await forest.SweepAsync();
        await forest.SweepAsync();
        Assert.Equal(copy.ResourceVersion, forest.Server.Read(Kinds.Secret, "v1", "s")!.ResourceVersion);
    }

    [Fact]
    public async Task What_a_namespace_inherits_is_looked_at_once_more_by_one_list_and_what_went_meanwhile_goes_again()
    {
        for (var i = 0; i < 20; i++)
            forest.Secret("eng", $"s{i}");
        await forest.RunAsync(new Scope.Hierarchy());
        var cluster = ClusterIn(request => request.Verb == ApiVerb.Create, () => forest.User.Delete(Kinds.Secret, "eng", "s7"));
        using var reconciler = new Reconciler(cluster, forest.Settings, TimeProvider.System);

        await reconciler.RunAsync([new Scope.Column("v1")], dryRun: false, TestContext.Current.CancellationToken);

        Assert.Equal(("", "from eng", 19), (forest.At("v1", "s7"), forest.At("v1", "s8"), Enumerable.Range(0, 20).Count(i => forest.At("v1", $"s{i}") == "from eng")));
        // What is gone is asked for once more, to be sure that it is; nothing else is asked for one by one.
        Assert.InRange(cluster.Count(ApiVerb.Get, Kinds.Secret), 0, 2);
    }

    /// <summary>What stood above a subtree before it moved looks after all of its copies at once.</summary>
    [Fact]
    public async Task The_payload_of_a_source_that_takes_many_copies_over_is_read_for_all_of_them_together()
    {
        for (var i = 0; i < 20; i++)
            forest.With($"n{i:D2}<gamestore");
        forest.Secret("eng");
        forest.Secret("elsewhere");
        await forest.SweepAsync();
        forest.SetParent("gamestore", "elsewhere");
        await forest.RunAsync(new Scope.Hierarchy());
        var answered = new TaskCompletionSource();
        var cluster = new FakeCluster(forest.Server, gate: async (request, _) =>
        {
            if (request is { Verb: ApiVerb.Get, Namespace: "elsewhere" })
                await answered.Task;
            return Fate.Pass;
        });
        using var reconciler = new Reconciler(cluster, forest.Settings, TimeProvider.System);

        var run = reconciler.RunAsync([Row("eng")], dryRun: false, TestContext.Current.CancellationToken);
        answered.SetResult();
        await run;

        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal("from elsewhere", forest.At($"n{i:D2}")));
        // That which was under way when the others asked, and the one that they asked for.
        Assert.Equal(2, cluster.Requests.Count(request => request is { Verb: ApiVerb.Get, Namespace: "elsewhere" }));
    }

    /// <summary>A sweep and the columns of new namespaces make the same copies at the same time.</summary>
    [Fact]
    public async Task What_others_make_meanwhile_is_looked_at_rather_than_run_into()
    {
        forest.Secret("eng");
        for (var i = 0; i < 200; i++)
            forest.With($"n{i:D3}<eng");
        await forest.RunAsync(new Scope.Hierarchy());
        // All but the last ten.
        var cluster = ClusterIn(
            request => request.Verb == ApiVerb.Create,
            () => forest.RunAsync([.. Enumerable.Range(0, 190).Select(i => new Scope.Column($"n{i:D3}"))]).GetAwaiter().GetResult());
        using var reconciler = new Reconciler(cluster, forest.Settings with { ParallelWrites = 4 }, TimeProvider.System);

        var outcome = await reconciler.RunAsync([Row("eng")], dryRun: false, TestContext.Current.CancellationToken);

        Assert.False(outcome.MustRetry);
        Assert.Equal(200, Enumerable.Range(0, 200).Count(i => forest.At($"n{i:D3}") == "from eng"));
        Assert.InRange(cluster.Count(ApiVerb.Create, Kinds.Secret), 10, 40);
        // To find all objects of a name is dear where the newest state is asked for: what has been written since is new enough.
        var looks = cluster.Requests.Where(request => request is { Verb: ApiVerb.List, Name: "s" }).ToArray();
        Assert.Equal((1, true), (looks.Count(look => look.NotOlderThan is null), looks.Any(look => look.NotOlderThan is not null)));
    }

    [Fact]
    public async Task A_changed_source_reaches_its_heirs_by_its_row()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.User.SetSecretKey("eng", "s", "k", "new");

        await forest.RunAsync(Row("eng"));

        Assert.Equal("new", Value("v1"));
        forest.User.Delete(Kinds.Secret, "eng", "s");
        await forest.RunAsync(Row("eng"));
        Assert.Equal(("", ""), (forest.At("gamestore"), forest.At("v1")));
    }

    [Fact]
    public async Task A_namespace_that_moves_loses_what_it_had_and_gets_what_is_there_by_its_column()
    {
        forest.Secret("eng");
        forest.Secret("elsewhere", "other");
        await forest.SweepAsync();
        forest.SetParent("v1", "elsewhere");

        await forest.RunAsync(new Scope.Hierarchy());
        Assert.Equal("elsewhere=1 v1=0", forest.Labels("v1"));
        await forest.RunAsync(new Scope.Column("v1") { Sources = [], Mirrors = [] });

        Assert.Equal(("", "from elsewhere"), (forest.At("v1"), forest.At("v1", "other")));
        Assert.Equal("from eng", forest.At("gamestore"));
    }

    /// <summary>A copy that is deleted and made again is missing for a moment, and that is a moment in which a pod does not start.</summary>
    [Fact]
    public async Task A_namespace_that_moves_while_its_column_is_read_is_never_without_what_both_roots_hand_down()
    {
        forest.Secret("eng");
        forest.Secret("elsewhere", value: "new");
        await forest.SweepAsync();
        var hasMoved = false;
        var cluster = ClusterIn(request => request is { Verb: ApiVerb.List, Kind.Name: "Secret", Namespace: "eng" }, () =>
        {
            forest.SetParent("v1", "elsewhere");
            forest.User.SetSecretKey("eng", "s", "k", "edited");
            hasMoved = true;
        });
        using var reconciler = new Reconciler(cluster, forest.Settings, TimeProvider.System);

        await reconciler.RunAsync([new Scope.Column("v1") { Sources = [], Mirrors = [] }], dryRun: false, TestContext.Current.CancellationToken);

        Assert.True(hasMoved);
        Assert.Equal(("from elsewhere", "new"), (forest.At("v1"), Value("v1")));
        Assert.Equal(0, cluster.Count(ApiVerb.Delete));
    }

    [Fact]
    public async Task The_topmost_source_wins_and_what_a_descendant_has_of_its_own_is_left_alone()
    {
        forest.Secret("eng", value: "top");
        forest.Secret("gamestore", value: "mine");

        var outcome = await forest.SweepAsync();

        Assert.Equal(("own", "mine"), (forest.At("gamestore"), Value("gamestore")));
        Assert.Equal(("from eng", "top"), (forest.At("v1"), Value("v1")));
        Assert.Contains(outcome.Cells, cell => cell is { Result: CellResult.Refused, Reason: Rules.Reason.Conflict, Place.Namespace: "gamestore" });
        forest.User.Delete(Kinds.Secret, "eng", "s");
        await forest.RunAsync(Row("eng"));
        Assert.Equal(("from gamestore", "mine"), (forest.At("v1"), Value("v1")));
    }

    [Fact]
    public async Task What_is_edited_or_deleted_by_hand_comes_back()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.User.SetSecretKey("v1", "s", "k", "edited");
        forest.User.Delete(Kinds.Secret, "gamestore", "s");

        await forest.RunAsync(Cell("v1"), Cell("gamestore"));

        Assert.Equal(("v", "v"), (Value("v1"), Value("gamestore")));
    }

    [Fact]
    public async Task In_a_halted_part_of_the_tree_nothing_is_made_changed_or_deleted()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.SetParent("gamestore", "nowhere");
        forest.User.SetSecretKey("eng", "s", "k", "new");
        forest.Secret("gamestore", "later");

        await forest.SweepAsync();
        await forest.RunAsync(Row("eng"));

        Assert.Equal(("ParentMissing", "AncestorHaltActivities"), (forest.Conditions("gamestore"), forest.Conditions("v1")));
        Assert.Equal(("v", "v", ""), (Value("gamestore"), Value("v1"), forest.At("v1", "later")));
        forest.SetParent("gamestore", "elsewhere");
        await forest.SweepAsync();
        Assert.Equal(("", "", "from gamestore"), (forest.At("gamestore"), forest.At("v1"), forest.At("v1", "later")));
    }

    [Theory]
    [InlineData("none=true", "")]
    [InlineData("treeSelect=v1", "v1")]
    [InlineData("treeSelect=!v1", "gamestore")]
    [InlineData("select=kubernetes.io/nothing", "")]
    [InlineData("select=!eng.tree.hnc.x-k8s.io/depth", "")]
    [InlineData("select=eng.tree.hnc.x-k8s.io/depth=2", "v1")]
    [InlineData("all=true", "gamestore v1")]
    public async Task Exceptions_decide_who_inherits(string exception, string heirs)
    {
        forest.Secret("eng", exception: exception);

        await forest.SweepAsync();

        Assert.Equal(heirs, string.Join(' ', Heirs.Where(ns => forest.At(ns).Length > 0)));
    }

    [Theory]
    [InlineData("Remove", "", "")]
    [InlineData("Ignore", "from eng", "from eng")]
    [InlineData("AllowPropagate", "", "from eng")]
    public async Task A_change_of_mode_takes_away_what_it_should(string mode, string plain, string optedIn)
    {
        forest.Secret("eng");
        forest.Secret("eng", "asked", exception: "all=true");
        await forest.SweepAsync();
        forest.SetMode("secrets", mode);

        await forest.SweepAsync();

        Assert.Equal((plain, optedIn), (forest.At("v1"), forest.At("v1", "asked")));
    }

    [Fact]
    public async Task What_is_off_leaves_everything_as_it_is()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.User.Delete(Kinds.Secret, "eng", "s");
        using var off = new Reconciler(forest.Cluster, forest.Settings with { Inheritance = null }, TimeProvider.System);
        forest.Cluster.ForgetRequests();

        await off.RunAsync([new Scope.Everything(), Row("eng"), new Scope.Hierarchy()], dryRun: false, TestContext.Current.CancellationToken);

        Assert.Equal(0, forest.Cluster.Writes);
        Assert.DoesNotContain(forest.Cluster.Requests, request => request.Kind.Group == Vocabulary.Hnc.Group);
    }

    [Fact]
    public async Task A_copy_that_HNC_left_behind_becomes_ours_without_a_change_of_data()
    {
        forest.Secret("eng");
        forest.User.CreateSecret("gamestore", "s", [new("k", "v")], labels: [new(Vocabulary.Hnc.InheritedFrom, "eng"), new(Vocabulary.Hnc.ManagedByLabel, Vocabulary.Hnc.Group)]);
        forest.User.CreateSecret("elsewhere", "s", [new("k", "v")], labels: [new(Vocabulary.Hnc.InheritedFrom, "eng")]);

        await forest.SweepAsync();

        Assert.Equal("Secret/eng/s", forest.Server.Read(Kinds.Secret, "gamestore", "s")!.Annotation(Vocabulary.Heliograph.Source));
        Assert.Equal(("from eng", ""), (forest.At("v1"), forest.At("elsewhere")));
    }

    /// <summary>A source has mirrors of two names here. Whoever looks at one name has not seen what stands under the other.</summary>
    [Fact]
    public async Task What_is_pushed_under_one_name_is_no_concern_of_those_that_inherit_under_another()
    {
        forest.User.CreateSecret("eng", "s", [new("k", "v")], [new(Vocabulary.Heliograph.PushTo, "elsewhere"), new(Vocabulary.Heliograph.Name, "x")]);
        await forest.SweepAsync();
        Assert.Equal(("own", "from eng"), (forest.At("elsewhere", "x"), forest.At("gamestore")));

        var outcome = await forest.RunAsync(Row("gamestore"));

        Assert.DoesNotContain(outcome.Cells, cell => cell.Result == CellResult.Retry);
    }

    [Fact]
    public async Task Objects_of_one_name_everywhere_are_judged_only_where_they_are_handed_down()
    {
        foreach (var ns in new[] { "eng", "gamestore", "v1", "elsewhere" })
            forest.Secret(ns);

        var (world, _) = await new Gather(forest.Cluster, forest.Settings, TimeProvider.System).EverythingAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["eng -> gamestore", "eng -> v1", "gamestore -> v1"],
            Matrix.Of(world, new Scope.Everything()).Select(cell => $"{cell.SourceRef.Namespace} -> {cell.Place.Namespace}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_role_binding_that_binds_another_role_is_made_anew()
    {
        Bind("admin");
        await forest.SweepAsync();
        var before = forest.Server.Read(Kinds.RoleBinding, "v1", "admins")!.Uid;
        forest.User.Delete(Kinds.RoleBinding, "eng", "admins");
        Bind("view");

        await forest.RunAsync(new Scope.Row(new ResourceRef("RoleBinding", "eng", "admins")));

        var copy = forest.Server.Body(Kinds.RoleBinding, "v1", "admins")!;
        Assert.Equal("view", copy.MapOf("roleRef").TextOf("name"));
        Assert.NotEqual(before, copy.MapOf("metadata").TextOf("uid"));
    }

    [Fact]
    public async Task A_parent_that_does_not_accept_hands_nothing_down()
    {
        using var gated = new Forest(new InheritanceSettings()).With("vault", "thief<vault", "heir<vault");
        gated.Secret("vault");
        gated.User.Annotate(Kinds.Namespace, "", "vault", Vocabulary.Heliograph.AcceptChildren, "heir");

        await gated.SweepAsync();

        Assert.Equal(("", "from vault"), (gated.At("thief"), gated.At("heir")));
        Assert.Equal(("ParentNotAccepting", "thief=0"), (gated.Conditions("thief"), gated.Labels("thief")));
    }

    [Fact]
    public async Task Labels_that_somebody_writes_hand_nothing_down()
    {
        forest.Secret("eng");
        await forest.SweepAsync();
        forest.User.Label(Kinds.Namespace, "", "elsewhere", Vocabulary.Hnc.DepthLabel("eng"), "1");

        await forest.RunAsync(Row("eng"), new Scope.Column("elsewhere"));
        Assert.Equal("", forest.At("elsewhere"));
        await forest.RunAsync(new Scope.Hierarchy());

        Assert.Equal("elsewhere=0", forest.Labels("elsewhere"));
    }

    private void Bind(string role) => forest.User.Create(Kinds.RoleBinding, "eng", "admins", (Json.Map)Json.Parse(
        $$"""{"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "{{role}}"}, "subjects": [{"kind": "User", "name": "ann", "apiGroup": "rbac.authorization.k8s.io"}]}"""));

    private string Value(string ns) => System.Text.Encoding.UTF8.GetString(
        Convert.FromBase64String(forest.Server.Body(Kinds.Secret, ns, "s")!.MapOf("data").TextOf("k")));

    private static Scope.Row Row(string ns) => new(new ResourceRef("Secret", ns, "s")) { OtherMirrors = [] };

    private static Scope.Cell Cell(string ns) => new(new ResourceRef("Secret", "eng", "s"), new ResourceRef("Secret", ns, "s"));

    /// <summary>Another client. Something happens just before its first request of a sort.</summary>
    private FakeCluster ClusterIn(Predicate<RequestInfo> first, Action happens)
    {
        Action? pending = happens;
        return new FakeCluster(forest.Server, gate: (request, _) =>
        {
            if (first(request))
                Interlocked.Exchange(ref pending, null)?.Invoke();
            return ValueTask.FromResult(Fate.Pass);
        });
    }
}
