using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class HeliographDialectTests
{
    private static readonly Obj Dev = Obj.Ns("dev", ("env", "dev"));

    private static readonly Obj Prod = Obj.Ns("prod", ("env", "prod"));

    public static TheoryData<string?, string?, string, string> Pushes => new()
    {
        { null, null, "no", "no" },
        { "dev", null, "push", "no" },
        { "*", null, "push", "push" },
        { "", null, "no", "no" },
        { ",", null, "no", "no" },
        { null, "env=dev", "push", "no" },
        { "prod", "env=dev", "push", "push" },
        { "nobody", "env=dev", "push", "no" },
        // An empty selector would mean every namespace; that must be said in so many words.
        { null, "", "frozen", "frozen" },
        { "dev", " ", "push", "frozen" },
        { "[", null, "frozen", "frozen" },
        { "[", "env=dev", "push", "frozen" },
        { null, "env=(", "frozen", "frozen" },
    };

    [Theory]
    [MemberData(nameof(Pushes))]
    public void List_and_selector_are_united(string? list, string? selector, string inDev, string inProd)
    {
        var source = Obj.Secret("apps/registry").Annotate((Keys.PushTo, list), (Keys.PushToMatching, selector));
        Assert.Equal((inDev, inProd), (Ask.Push(source, Dev), Ask.Push(source, Prod)));
        Assert.Equal("denied", Ask.Pull(source, Dev));
    }

    [Theory]
    [InlineData(null, "denied")]
    [InlineData("", "denied")]
    [InlineData(",", "denied")]
    [InlineData("dev", "pull")]
    [InlineData("*", "pull")]
    [InlineData("prod", "denied")]
    [InlineData("(", "frozen")]
    public void Who_may_pull(string? allowed, string pull) =>
        Assert.Equal(pull, Ask.Pull(Obj.Secret("apps/registry").Annotate(Keys.AllowPullFrom, allowed), Dev));

    [Fact]
    public void A_mirror_asks_with_pull_from_and_goes_before_the_peers_words()
    {
        var mirror = Obj.Secret("dev/mirror").Annotate((Keys.PullFrom, "apps/one"), (Keys.Reflects, "apps/two"), (Keys.ReplicateFrom, "apps/three"));
        var request = Dialects.ReadRequest(mirror)!;
        Assert.Equal(("Secret/apps/one", Dialect.Heliograph, DataMode.Whole), (request.Source.ToString(), request.Policy.Dialect, request.Policy.Data));
        Assert.Equal("Secret/apps/two", Dialects.ReadRequest(mirror.Annotate(Keys.PullFrom, null))!.Source.ToString());
    }

    [Fact]
    public void Ours_goes_before_reflector_goes_before_replicator()
    {
        var source = Obj.Secret("apps/registry").Annotate((Keys.PushTo, "dev"), (Keys.Allowed, "true"), (Keys.Auto, "true"), (Keys.ReplicateTo, "*"));
        Assert.Equal(Dialect.Heliograph, PolicyIn(source, Dev).Dialect);
        Assert.Equal(Dialect.Reflector, PolicyIn(source, Prod).Dialect);
        Assert.Equal(Dialect.Replicator, PolicyIn(source.Annotate(Keys.Auto, null), Prod).Dialect);
    }

    [Fact]
    public void A_rule_that_cannot_be_read_is_not_passed_over_for_the_next()
    {
        var source = Obj.Secret("apps/registry").Annotate((Keys.PushTo, "["), (Keys.ReplicateTo, "*"));
        Assert.Equal("frozen", Ask.Push(source, Dev));
        // One that plainly says no is.
        Assert.Equal("push", Ask.Push(source.Annotate(Keys.PushTo, "prod"), Dev));
        // And one that says yes is not frozen by the next.
        Assert.Equal("push", Ask.Push(Obj.Secret("apps/registry").Annotate((Keys.PushTo, "dev"), (Keys.ReplicateTo, "[")), Dev));
    }

    [Theory]
    [InlineData("{namespace}-{name}", "apps-registry")]
    [InlineData(" shared ", "shared")]
    [InlineData("{name}.{name}", "registry.registry")]
    public void Mirrors_can_have_another_name(string template, string name)
    {
        var source = Obj.Secret("apps/registry").Annotate((Keys.PushTo, "*"), (Keys.NewName, template));
        Assert.Equal(name, Assert.IsType<Wish.Push>(Ask.PushWish(source, Dev, name: name)).Rule.MirrorName);
        Assert.Equal($"Secret/apps/registry pushes under the name {name}", Assert.IsType<Wish.Nothing>(Ask.PushWish(source, Dev)).Detail);
    }

    [Fact]
    public void Refinements_hold_for_every_dialect_and_for_pulls()
    {
        var source = Obj.Secret("apps/registry", "a=MQ==", "b=Mg==").Label("team", "x").Label("secret", "y").Annotate(
            (Keys.OnlyKeys, "a"), (Keys.RenameKeys, "a=z"), (Keys.CopyLabels, "team"), (Keys.SetAnnotations, "note: hi"), (Keys.NewName, "other"),
            (Keys.ReplicateTo, "dev"), (Keys.Allowed, "true"));
        var push = Assert.IsType<Wish.Push>(Ask.PushWish(source, Dev, name: "other")).Rule.Policy;
        var pull = Assert.IsType<Wish.Pull>(Ask.PullWish(source, Dev)).Policy;
        foreach (var (policy, dialect, data) in new[] { (push, Dialect.Replicator, DataMode.Merge), (pull, Dialect.Heliograph, DataMode.Whole) })
        {
            Assert.Equal((dialect, data), (policy.Dialect, policy.Data));
            var desired = SourceView.Read(source, Ask.Defaults).Desired(policy, onRequest: false);
            Assert.Equal(["data/z"], desired.CopiedPaths);
            Assert.Equal(["team"], desired.Labels.Keys);
            Assert.Equal("hi", desired.Annotations["note"]);
        }
    }

    [Fact]
    public void Replicators_own_label_rule_holds_where_ours_says_nothing()
    {
        var source = Obj.Secret("apps/registry").Label("team", "x").Annotate((Keys.ReplicateTo, "dev"), (Keys.SetLabels, "set: y"));
        Assert.Equal(["set", "team"], Labels(source));
        Assert.Equal(["set"], Labels(source.Annotate(Keys.StripLabels, "true")));
        Assert.Equal(["set"], Labels(source.Annotate(Keys.CopyLabels, "")));
        Assert.Equal(["set", "team"], Labels(source.Annotate((Keys.StripLabels, "true"), (Keys.CopyLabels, "*"))));
        // What is set goes before what is copied.
        Assert.Equal("y", SourceView.Read(source.Annotate(Keys.SetLabels, "team: y"), Ask.Defaults).Desired(PolicyIn(source.Annotate(Keys.SetLabels, "team: y"), Dev), false).Labels["team"]);

        static IEnumerable<string> Labels(Obj source) => SourceView.Read(source, Ask.Defaults).Desired(PolicyIn(source, Dev), onRequest: false).Labels.Keys;
    }

    /// <summary>The vocabulary would make the mirror speak to controllers; kubectl's copy of the object holds every value of it.</summary>
    [Fact]
    public void Some_annotations_are_never_copied()
    {
        var source = Obj.Secret("apps/registry").Annotate(
            (Keys.PushTo, "dev"), (Keys.CopyAnnotations, "*"), ("note", "x"), ("kubectl.kubernetes.io/last-applied-configuration", "{}"), (Keys.ReplicateTo, "prod"));
        var desired = SourceView.Read(source, Ask.Defaults).Desired(PolicyIn(source, Dev), onRequest: false);
        Assert.Equal([Keys.Source, Keys.SourceUid, Keys.SourceVersion, "note"], desired.Annotations.Keys);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("keep", OnRelease.Keep)]
    [InlineData(" Delete ", OnRelease.Delete)]
    public void On_release(string? text, OnRelease? read) =>
        Assert.Equal(read, Dialects.ReadSource(Obj.Secret("apps/registry").Annotate((Keys.OnRelease, text), (Keys.Allowed, "true"))).OnRelease);

    [Theory]
    [InlineData("apps.*", "push")]
    [InlineData("*", "push")]
    [InlineData("other", "no")]
    [InlineData("", "no")]
    [InlineData(",", "no")]
    [InlineData("[", "frozen")]
    public void A_namespace_can_refuse_pushes_of_any_dialect(string accept, string push)
    {
        var ns = Dev.Annotate(Keys.AcceptFrom, accept);
        foreach (var key in new[] { Keys.PushTo, Keys.ReplicateTo })
            Assert.Equal(push, Ask.Push(Obj.Secret("apps/registry").Annotate(key, "dev"), ns));
        Assert.Equal(push, Ask.Push(Obj.Secret("apps/registry").Annotate((Keys.Allowed, "true"), (Keys.Auto, "true")), ns));
        // It does not refuse itself, and what it asks for it gets.
        Assert.Equal("push", Ask.Push(Obj.Secret("dev/registry").Annotate(Keys.PushTo, "dev"), ns));
        Assert.Equal("pull", Ask.Pull(Obj.Secret("apps/registry").Annotate(Keys.AllowPullFrom, "dev"), ns));
    }

    [Fact]
    public void What_a_namespace_refuses_is_explained()
    {
        var wish = Assert.IsType<Wish.Nothing>(Ask.PushWish(Obj.Secret("apps/registry").Annotate(Keys.PushTo, "*"), Dev.Annotate(Keys.AcceptFrom, "team-.*")));
        Assert.Equal((Reason.NotAccepted, $"namespace dev accepts sources of \"team-.*\" only ({Keys.AcceptFrom})"), (wish.Reason, wish.Detail));
    }

    private static MirrorPolicy PolicyIn(Obj source, Obj ns) => Assert.IsType<Wish.Push>(Ask.PushWish(source, ns)).Rule.Policy;
}
