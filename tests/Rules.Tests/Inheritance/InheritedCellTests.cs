using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>What is decided where a namespace inherits: the cells of the matrix, one by one. The tree is <c>a ▸ b ▸ c</c> and <c>other</c>.</summary>
public sealed class InheritedCellTests
{
    private const string Propagate = "secrets=Propagate";

    private static readonly Clan Clan = Clan.Of("a", "b<a", "c<b", "other");

    private static readonly Obj Source = Obj.Secret("a/s", "k=djE=").Label("app", "x");

    [Theory]
    [InlineData("b", "Write (Missing)")]
    [InlineData("c", "Write (Missing)")]
    [InlineData("other", "Keep (NotSelected: a is no ancestor of other)")]
    [InlineData("a", "Keep (IsSource)")]
    public void A_source_is_copied_to_every_descendant(string ns, string intent) => Assert.Equal(intent, Ask.Decide(Cell(Source, null, ns)).ToString());

    [Theory]
    [InlineData("configmaps=Propagate", "Keep (NotSelected: Secret/a/s pushes to no namespace, and is handed down to none: Secret objects are not inherited (HNCConfiguration: mode Ignore))")]
    [InlineData("secrets=Remove", "Keep (NotSelected: Secret/a/s pushes to no namespace, and is handed down to none: Secret objects are not inherited (HNCConfiguration: mode Remove))")]
    [InlineData("secrets=Ignore", "Keep (NotSelected: Secret/a/s pushes to no namespace, and is handed down to none: Secret objects are not inherited (HNCConfiguration: mode Ignore))")]
    [InlineData("secrets=AllowPropagate", "Keep (NotSelected: a is the parent of b, and Secret objects are inherited on request only (mode AllowPropagate), and Secret/a/s bears no propagate.hnc.x-k8s.io/all, propagate.hnc.x-k8s.io/select or propagate.hnc.x-k8s.io/treeSelect)")]
    public void In_other_modes_nothing_is_copied(string mode, string intent) => Assert.Equal(intent, Ask.Decide(Cell(Source, null, "b", Clan, mode)).ToString());

    /// <summary>Even where the label names the namespace that the object stands in, so that it is nobody's copy: HNC does not hand it down, and the exporter does not tell of it.</summary>
    [Fact]
    public void What_bears_the_label_of_a_copy_is_not_handed_down() => Assert.Equal(
        "Keep (NotSelected: a is the parent of b, and Secret/a/s says by the label hnc.x-k8s.io/inherited-from that it is a copy itself)",
        Ask.Decide(Cell(Source.Label(Vocabulary.Hnc.InheritedFrom, "a"), null, "b")).ToString());

    [Fact]
    public void Nothing_is_inherited_where_inheritance_is_off() =>
        Assert.Equal(Reason.NotSelected, Ask.Decide(Ask.Cell(Source, null, Clan.Namespaces["b"])).Reason);

    [Fact]
    public void A_copy_bears_HNCs_labels_and_what_its_source_bears_but_for_HNCs_own()
    {
        var source = Source.Label("app.kubernetes.io/managed-by", "helm").Label("hnc.x-k8s.io/x", "y").Label("skip", "me")
            .Annotate(("note", "n"), ("propagate.hnc.x-k8s.io/treeSelect", "b"), ("drop", "me"), (Keys.AllowPullFrom, "*"));
        var clan = Clan with { Settings = Clan.Settings with { UnpropagatedLabels = ["skip"], UnpropagatedAnnotations = ["drop"] } };
        var world = Lay(clan, source);
        Assert.Equal("Write (Missing)", world.Settle(Kinds.Secret, "a/s", "c/s").ToString());
        var copy = world.Read(Kinds.Secret, "c/s")!;
        Assert.Equal(
            ["app.kubernetes.io/managed-by=hnc.x-k8s.io", "app=x", "hnc.x-k8s.io/inherited-from=a"], copy.Labels.Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal));
        Assert.Equal("n", copy.Annotation("note"));
        Assert.Null(copy.Annotation("drop"));
        Assert.DoesNotContain(copy.Annotations.Keys, Vocabulary.Hnc.Owns);
        Assert.Equal("\"djE=\"", copy.Content!.Entries("data").Single().Value.GetRawText());
        Assert.Equal("Keep (UpToDate)", world.Settle(Kinds.Secret, "a/s", "c/s").ToString());
    }

    [Fact]
    public void An_edit_by_hand_is_repaired_and_a_deleted_copy_comes_back()
    {
        var world = Lay(Clan, Source);
        world.Settle(Kinds.Secret, "a/s", "b/s");
        world.User.SetSecretKey("b", "s", "k", "other");
        Assert.Equal((Act.Write, Reason.Drifted), Words(world.Settle(Kinds.Secret, "a/s", "b/s")));
        world.User.Label(Kinds.Secret, "b", "s", Vocabulary.Hnc.InheritedFrom, null);
        Assert.Equal((Act.Write, Reason.Drifted), Words(world.Settle(Kinds.Secret, "a/s", "b/s")));
        world.User.Label(Kinds.Secret, "b", "s", "app", "changed");
        Assert.Equal((Act.Write, Reason.Drifted), Words(world.Settle(Kinds.Secret, "a/s", "b/s")));
        world.User.Delete(Kinds.Secret, "b", "s");
        Assert.Equal((Act.Write, Reason.Missing), Words(world.Settle(Kinds.Secret, "a/s", "b/s")));
        Assert.Equal("x", world.Read(Kinds.Secret, "b/s")!.Labels["app"]);
    }

    [Fact]
    public void The_topmost_ancestor_wins_and_then_the_copy_of_the_lower_one_is_taken_over()
    {
        var lower = Obj.Secret("b/s", "k=bG93") with { Created = Source.Created.AddYears(-1) };
        var cell = Cell(lower, null, "c");
        Assert.Equal("Refuse (Conflict: Secret/a/s is higher up the tree and has the place Secret/c/s)", Ask.Decide(With(cell, Source)).ToString());
        Assert.Equal("Write (Missing)", Ask.Decide(With(Cell(Source, null, "c"), lower)).ToString());
        Assert.Equal((Act.Write, Reason.TakenOver), Words(Ask.Decide(With(Cell(Source, Copy("b", "c"), "c"), lower))));
        Assert.Equal((Act.Keep, Reason.UpToDate), Words(Ask.Decide(With(Cell(Source, Copy("a", "c"), "c"), lower))));
    }

    [Fact]
    public void What_is_pushed_explicitly_goes_before_what_is_inherited()
    {
        var explicitly = Obj.Secret("other/s", "k=b3Ro").Annotate(Keys.PushTo, "c") with { Created = Source.Created.AddYears(1) };
        Assert.Equal("Refuse (Conflict: Secret/other/s is pushed here explicitly and has the place Secret/c/s)", Ask.Decide(With(Cell(Source, null, "c"), explicitly)).ToString());
        Assert.Equal("Write (Missing)", Ask.Decide(With(Cell(explicitly, null, "c"), Source)).ToString());
        Assert.Equal((Act.Write, Reason.TakenOver), Words(Ask.Decide(With(Cell(explicitly, Copy("a", "c"), "c"), Source))));
        Assert.Equal((Act.Keep, Reason.HandedOver), Words(Ask.Decide(With(Cell(Source.Annotate(Vocabulary.Hnc.None, "true"), Copy("a", "c"), "c"), explicitly))));
    }

    /// <summary>A source's own words go before its place.</summary>
    [Fact]
    public void A_source_that_pushes_explicitly_does_so_by_its_own_rule()
    {
        var cell = Cell(Source.Annotate(Keys.PushTo, "b,other"), null, "b");
        Assert.Equal(Dialect.Heliograph, Ask.Decide(cell).Policy!.Dialect);
        Assert.Equal(Dialect.Inheritance, Ask.Decide(Cell(Source.Annotate(Keys.PushTo, "b,other"), null, "c")).Policy!.Dialect);
    }

    [Fact]
    public void A_descendants_own_object_is_told_and_left_alone()
    {
        var own = Obj.Secret("b/s", "k=b3du");
        Assert.Equal(
            "Refuse (Conflict: Secret/b/s exists and is not a mirror; delete it, or annotate it with heliograph.dev/adopt: \"true\")", Ask.Decide(Cell(Source, own, "b")).ToString());
        Assert.Equal((Act.Write, Reason.Consented), Words(Ask.Decide(Cell(Source, own.Annotate(Keys.Adopt, "true"), "b"))));
        // It asks for something else, which goes before what it is handed.
        Assert.Equal(Reason.Conflict, Ask.Decide(Cell(Source, own.Annotate(Keys.PullFrom, "other/t"), "b")).Reason);
    }

    [Fact]
    public void A_descendants_own_object_is_a_source_for_those_below_it_only_where_none_above_has_that_name()
    {
        var own = Obj.Secret("b/s", "k=b3du");
        Assert.Equal("Write (Missing)", Ask.Decide(Cell(own, null, "c")).ToString());
        Assert.Equal(Reason.Conflict, Ask.Decide(With(Cell(own, null, "c"), Source)).Reason);
    }

    [Fact]
    public void A_copy_is_not_handed_on_as_a_source()
    {
        Assert.Equal(Reason.NotSelected, Ask.Decide(Cell(Copy("a", "b"), null, "c")).Reason);
        Assert.Equal(Reason.NotSelected, Ask.Decide(Cell(LeftBehind("a", "b"), null, "c")).Reason);
    }

    [Fact]
    public void A_copy_that_HNC_left_behind_becomes_ours()
    {
        var world = Lay(Clan, Source);
        world.User.Create(Kinds.Secret, "b", "s", Fakes.Json.Of(("type", Fakes.Json.Of("Opaque")), ("data", Fakes.Json.Of(("k", Fakes.Json.Of("b2xk"))))), [],
            [KeyValuePair.Create(Vocabulary.Hnc.InheritedFrom, "a"), KeyValuePair.Create(Vocabulary.Hnc.ManagedByLabel, "hnc.x-k8s.io")]);
        Assert.Equal((Act.Write, Reason.PeerMirror), Words(world.Settle(Kinds.Secret, "a/s", "b/s")));
        Assert.Equal("Secret/a/s", world.Read(Kinds.Secret, "b/s")!.Annotation(Keys.Source));
        Assert.Equal("\"djE=\"", world.Read(Kinds.Secret, "b/s")!.Content!.Entries("data").Single().Value.GetRawText());
    }

    [Theory]
    [InlineData("a", "Remove (NoLongerSelected)")]
    [InlineData("other", "Refuse (Conflict)")]
    public void What_HNC_left_behind_goes_where_its_source_does_not_hand_it_down_any_more(string from, string decided)
    {
        var intent = Ask.Decide(Cell(Source.Annotate(Vocabulary.Hnc.None, from == "a" ? "true" : "false"), LeftBehind(from, "b"), "b"));
        Assert.Equal(decided, $"{intent.Act} ({intent.Reason})");
    }

    [Theory]
    [InlineData("no longer below", "b", "Remove (NoLongerSelected)")]
    [InlineData("source gone", "b", "Remove (SourceGone)")]
    [InlineData("none", "b", "Remove (NoLongerSelected)")]
    [InlineData("mode Remove", "b", "Remove (NoLongerSelected)")]
    [InlineData("mode AllowPropagate", "b", "Remove (NoLongerSelected)")]
    [InlineData("finalizer", "b", "Remove (NoLongerSelected)")]
    [InlineData("source deleting", "b", "Remove (NoLongerSelected)")]
    [InlineData("mode Ignore", "b", "Keep (Paused: Secret objects are not inherited at present (HNCConfiguration: mode Ignore))")]
    [InlineData("halted", "b", "Keep (Paused: Parent \"gone\" does not exist)")]
    [InlineData("halted above", "c", "Keep (Paused: Propagation paused in \"c\" and its descendants due to ActivitiesHalted condition on ancestor \"b\")")]
    [InlineData("in a cycle", "b", "Keep (Paused: Namespace is a member of the cycle: b <- c <- b)")]
    [InlineData("excluded", "b", "Keep (Paused: namespace b has no place in any tree (setting Inheritance__ExcludedNamespaces))")]
    [InlineData("source excluded", "b", "Keep (Paused: Parent \"a\" is an unmanaged namespace)")]
    [InlineData("not accepted", "b", "Keep (Paused: Namespace \"a\" does not accept \"b\" as its child: it has no anchor of that name, and no annotation heliograph.dev/accept-children)")]
    [InlineData("off", "b", "Keep (Paused: inheritance is off (setting Inheritance__Enabled))")]
    [InlineData("unreadable", "b", "Refuse (Invalid)")]
    [InlineData("halted and source gone", "b", "Keep (Paused: Parent \"gone\" does not exist)")]
    public void What_becomes_of_a_copy(string what, string ns, string decided)
    {
        var clan = what switch
        {
            "no longer below" => Clan.Spec("b", "other"),
            "halted" or "halted above" or "halted and source gone" => Clan.Spec("b", "gone"),
            "in a cycle" => Clan.Spec("b", "c"),
            "excluded" => Clan.Excluding("b"),
            "source excluded" => Clan.Excluding("a"),
            "not accepted" => Clan.Distrusting(),
            _ => Clan,
        };
        var source = what switch
        {
            "source gone" or "halted and source gone" => null,
            "none" => Source.Annotate(Vocabulary.Hnc.None, "true"),
            "finalizer" => Source with { Finalizers = ["example.com/hold"] },
            "source deleting" => Source with { Deleting = true },
            "unreadable" => Source.Annotate(Vocabulary.Hnc.TreeSelect, "a,"),
            _ => Source,
        };
        var mode = what switch { "mode Remove" => "secrets=Remove", "mode Ignore" => "secrets=Ignore", "mode AllowPropagate" => "secrets=AllowPropagate", _ => Propagate };
        foreach (var copy in new[] { Copy("a", ns), LeftBehind("a", ns) })
        {
            var cell = Ask.Cell(source, copy, clan.Namespaces[ns], what == "off" ? Ask.Defaults : clan.Rules(mode), sourceRef: "Secret/a/s");
            var intent = Ask.Decide(cell);
            var told = intent.Act == Act.Remove || intent.Reason == Reason.Invalid ? $"{intent.Act} ({intent.Reason})" : intent.ToString();
            // What HNC left behind is not ours yet: nobody is told of what freezes its source.
            Assert.Equal(what == "unreadable" && copy.Annotations.IsEmpty ? "Keep (Invalid)" : decided, told);
        }
    }

    /// <summary>Only an inherited copy pauses. A mirror is not made one by a label.</summary>
    [Fact]
    public void An_explicit_mirror_does_not_pause_in_a_halted_namespace()
    {
        var mirror = Copy("a", "b").Label(Vocabulary.Hnc.InheritedFrom, null);
        Assert.Equal(Act.Remove, Ask.Decide(Cell(Source, mirror, "b", Clan.Spec("b", "gone"))).Act);
        var labelled = mirror.Label(Vocabulary.Hnc.InheritedFrom, "a").Owned("labels/" + Vocabulary.Hnc.InheritedFrom, "kubectl");
        Assert.Equal(Act.Remove, Ask.Decide(Cell(Source, labelled, "b", Clan.Spec("b", "gone"))).Act);
    }

    [Fact]
    public void An_explicit_push_into_a_halted_namespace_goes_on() =>
        Assert.Equal("Write (Missing)", Ask.Decide(Cell(Source.Annotate(Keys.PushTo, "b"), null, "b", Clan.Spec("b", "gone"))).ToString());

    [Fact]
    public void Nothing_is_made_or_changed_in_a_halted_namespace()
    {
        var halted = Clan.Ns("x").Spec("x", "a").Spec("b", "b");
        Assert.Equal("Keep (NotSelected: b inherits nothing at present (InCycle: Namespace is a member of the cycle: b <- b))", Ask.Decide(Cell(Source, null, "b", halted)).ToString());
        Assert.Equal(Reason.Paused, Ask.Decide(Cell(Source with { Version = "200" }, Copy("a", "b"), "b", halted)).Reason);
    }

    [Fact]
    public void A_source_may_say_that_its_copies_stay()
    {
        var keep = Source.Annotate((Keys.OnRelease, "keep"), (Vocabulary.Hnc.None, "true"));
        Assert.Equal((Act.Release, Reason.NoLongerSelected), Words(Ask.Decide(Cell(keep, Copy("a", "b"), "b"))));
    }

    [Fact]
    public void A_copy_that_is_let_go_of_loses_HNCs_labels()
    {
        var world = Lay(Clan, Source.Annotate(Keys.OnRelease, "keep"));
        world.Settle(Kinds.Secret, "a/s", "b/s");
        world.User.Annotate(Kinds.Secret, "a", "s", Vocabulary.Hnc.None, "true");
        Assert.Equal(Act.Release, world.Settle(Kinds.Secret, "a/s", "b/s").Act);
        var left = world.Read(Kinds.Secret, "b/s")!;
        Assert.Equal(["app"], left.Labels.Keys);
        Assert.Empty(left.Annotations);
        // It is the namespace's own now.
        world.User.Annotate(Kinds.Secret, "a", "s", Vocabulary.Hnc.None, null);
        Assert.Equal(Reason.Conflict, world.Settle(Kinds.Secret, "a/s", "b/s").Reason);
    }

    [Theory]
    [InlineData("istio-ca-root-cert", "")]
    [InlineData("kube-root-ca.crt", "")]
    [InlineData("s", "openshift.io/description=x")]
    [InlineData("s", "kubernetes.io/service-account.name=x")]
    [InlineData("s", "cattle.io/creator=norman")]
    [InlineData("s", "finalizer")]
    public void What_other_controllers_make_in_every_namespace_is_not_inherited_even_on_request(string name, string mark)
    {
        var source = Obj.ConfigMap($"a/{name}", "k=v").Annotate(Vocabulary.Hnc.All, "true");
        source = mark.Split('=') switch
        {
            ["finalizer"] => source with { Finalizers = ["example.com/hold"] },
            ["cattle.io/creator", var value] => source.Label("cattle.io/creator", value),
            [var key, var value] => source.Annotate(key, value),
            _ => source,
        };
        foreach (var mode in new[] { "configmaps=Propagate", "configmaps=AllowPropagate" })
            Assert.Equal((Act.Keep, Reason.NotSelected), Words(Ask.Decide(Cell(source, null, "b", Clan, mode))));
        Assert.Equal(Reason.Missing, Ask.Decide(Cell(Obj.ConfigMap("a/s", "k=v").Label("cattle.io/creator", "me"), null, "b", Clan, "configmaps=Propagate")).Reason);
    }

    [Theory]
    [InlineData("helm.sh/release.v1")]
    [InlineData("kubernetes.io/service-account-token")]
    public void Secrets_that_are_never_copied_are_not_inherited_and_nobody_is_told(string type) =>
        Assert.Equal((Act.Keep, Reason.NotSelected), Words(Ask.Decide(Cell(Source.Set("type", $"\"{type}\"").Annotate(Vocabulary.Hnc.All, "true"), null, "b"))));

    [Fact]
    public void Every_namespaces_own_account_is_not_inherited()
    {
        var account = Obj.Of(Kinds.ServiceAccount, "a/default").Set("imagePullSecrets", """[{"name":"p"}]""");
        Assert.Equal((Act.Keep, Reason.NotSelected), Words(Ask.Decide(Cell(account, null, "b", Clan, "serviceaccounts=Propagate"))));
        Assert.Equal(Reason.Missing, Ask.Decide(Cell(account with { Name = "builder" }, null, "b", Clan, "serviceaccounts=Propagate")).Reason);
    }

    [Fact]
    public void A_binding_whose_role_changed_is_made_anew()
    {
        var binding = Binding("a", "reader").By("kubectl") with { Version = "200" };
        var copy = Ask.Cell(binding, Inherited(Binding("b", "writer"), "RoleBinding/a/s", "uid-a-s"), Clan.Namespaces["b"], Clan.Rules());
        Assert.Equal((Act.Replace, Reason.TypeDiffers), Words(Ask.Decide(copy)));
        Assert.Equal((Act.Write, Reason.SourceChanged), Words(Ask.Decide(
            Ask.Cell(binding, Inherited(Binding("b", "reader"), "RoleBinding/a/s", "uid-a-s"), Clan.Namespaces["b"], Clan.Rules()))));
    }

    [Fact]
    public void A_target_that_the_operator_excludes_inherits_nothing()
    {
        var settings = Clan.Rules(Propagate) with { ExcludedTargetNamespaces = PatternList.Parse("b", out _) };
        Assert.Equal(Reason.NotSelected, Ask.Decide(Ask.Cell(Source, null, Clan.Namespaces["b"], settings)).Reason);
    }

    [Fact]
    public void A_namespace_that_accepts_no_pushes_is_handed_down_what_its_parent_has()
    {
        var clan = Clan.Ns("b", ns => ns.Annotate(Keys.AcceptFrom, "nobody"));
        Assert.Equal(Reason.Missing, Ask.Decide(Cell(Source, null, "b", clan)).Reason);
        Assert.Equal(Reason.NotAccepted, Ask.Decide(Cell(Source.Annotate(Keys.PushTo, "b"), null, "b", clan)).Reason);
    }

    private static Cell Cell(Obj source, Obj? mirror, string ns, Clan? clan = null, string mode = Propagate) =>
        Ask.Cell(source, mirror, (clan ?? Clan).Namespaces[ns], (clan ?? Clan).Rules(mode));

    private static Cell With(Cell cell, Obj rival) => cell with { Rivals = [SourceView.Read(rival, cell.Settings)] };

    /// <summary>A copy that we made, as it should be.</summary>
    private static Obj Copy(string from, string to) => Inherited(Obj.Secret($"{to}/s", "k=djE=").Label("app", "x"), $"Secret/{from}/s", $"uid-{from}-s");

    private static Obj Inherited(Obj copy, string source, string uid) => LabelledBy(copy, source.Split('/')[1]).By("heliograph")
        .Annotate((Keys.Source, source), (Keys.SourceUid, uid), (Keys.SourceVersion, "100"));

    /// <summary>A copy that HNC made.</summary>
    private static Obj LeftBehind(string from, string to) => LabelledBy(Obj.Secret($"{to}/s", "k=djE=").Label("app", "x"), from).By("manager");

    private static Obj LabelledBy(Obj copy, string from) => copy.Label(Vocabulary.Hnc.InheritedFrom, from).Label(Vocabulary.Hnc.ManagedByLabel, "hnc.x-k8s.io");

    private static Obj Binding(string ns, string role) => Obj.Of(Kinds.RoleBinding, $"{ns}/s").Set("subjects", """[{"kind":"User","name":"jane"}]""")
        .Set("roleRef", $$"""{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"{{role}}"}""");

    private static World Lay(Clan clan, Obj source)
    {
        var world = new World { Settings = clan.Rules(Propagate) };
        foreach (var ns in clan.Namespaces.Keys)
            world.User.CreateNamespace(ns);
        world.User.Create(source.Kind, source.Namespace, source.Name,
            Fakes.Json.Of(source.Fields.Select(field => (field.Key, (Fakes.Json?)Fakes.Json.Parse(field.Value))).ToArray()), source.Annotations, source.Labels);
        return world;
    }

    private static (Act Act, Reason Reason) Words(Intent intent) => (intent.Act, intent.Reason);
}
