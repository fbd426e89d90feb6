using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class ReplicatorDialectTests
{
    private static readonly Obj Dev = Obj.Ns("dev", ("env", "dev"));

    private static readonly Obj Prod = Obj.Ns("prod", ("env", "prod"));

    public static TheoryData<string?, string?, string, string> Pushes => new()
    {
        { null, null, "no", "no" },
        { "dev", null, "push", "no" },
        { " dev , prod ", null, "push", "push" },
        { "*", null, "push", "push" },
        { ".*", null, "push", "push" },
        { "d.*", null, "push", "no" },
        { "e", null, "no", "no" },
        { "x|dev", null, "push", "no" },
        // Empty and commas alone are nobody.
        { "", null, "no", "no" },
        { ",", null, "no", "no" },
        { "[", null, "frozen", "frozen" },
        { "dev,[", null, "frozen", "frozen" },
        // The empty selector is everybody.
        { null, "", "push", "push" },
        { null, " ", "push", "push" },
        { null, "env=dev", "push", "no" },
        { null, "env notin (dev)", "no", "push" },
        { null, "env==", "no", "no" },
        { null, "env in ()", "frozen", "frozen" },
        // Both are united.
        { "prod", "env=dev", "push", "push" },
        { "nobody", "env=dev", "push", "no" },
        { "", "env=dev", "push", "no" },
        { "dev", "env in ()", "push", "frozen" },
        { "[", "env=dev", "push", "frozen" },
    };

    [Theory]
    [MemberData(nameof(Pushes))]
    public void List_and_selector_are_united(string? list, string? selector, string inDev, string inProd)
    {
        var source = Obj.Secret("apps/registry").Annotate((Keys.ReplicateTo, list), (Keys.ReplicateToMatching, selector));
        Assert.Equal((inDev, inProd), (Ask.Push(source, Dev), Ask.Push(source, Prod)));
    }

    public static TheoryData<string?, string?, string> Grants => new()
    {
        { null, "dev", "denied" },
        { "false", "dev", "denied" },
        { "true", null, "denied" },
        { "true", "", "denied" },
        { "true", "  ", "denied" },
        { "true", ",", "denied" },
        { "true", "dev", "pull" },
        { "true", "*", "pull" },
        { "true", "d.*,prod", "pull" },
        { "true", "prod", "denied" },
        { " T ", "dev", "pull" },
        { "1", "dev", "pull" },
        { "0", "dev", "denied" },
        { "yes", "dev", "frozen" },
        { "", "dev", "frozen" },
        { "true", "[", "frozen" },
        { "false", "[", "denied" },
    };

    [Theory]
    [MemberData(nameof(Grants))]
    public void A_pull_needs_permission_and_a_list(string? allowed, string? list, string pull)
    {
        foreach (var kind in Kinds.All)
        {
            var source = Obj.Of(kind, "apps/registry").Annotate((Keys.ReplicationAllowed, allowed), (Keys.ReplicationAllowedNamespaces, list));
            Assert.Equal(pull, Ask.Pull(source, Dev));
        }
    }

    [Fact]
    public void The_setting_for_all_pulls_needs_no_permission_and_freezes_nothing()
    {
        var settings = new RuleSettings { AllowAll = true };
        Assert.Equal("pull", Ask.Pull(Obj.Secret("apps/registry"), Dev, settings));
        Assert.Equal("pull", Ask.Pull(Obj.Secret("apps/registry").Annotate(Keys.ReplicationAllowed, "yes"), Dev, settings));
        Assert.Equal("denied", Ask.Pull(Obj.Secret("apps/registry").Set("type", "\"helm.sh/release.v1\""), Dev, settings));
    }

    [Fact]
    public void A_push_permits_a_pull_at_its_own_place_only()
    {
        var source = Obj.Secret("apps/registry").Annotate(Keys.ReplicateTo, "dev");
        Assert.Equal("denied", Ask.Pull(source, Dev));
        var mirror = Obj.Secret("dev/registry").Annotate(Keys.ReplicateFrom, "apps/registry");
        Assert.Equal((Act.Write, Reason.Requested), Word(Ask.Decide(Ask.Cell(source, mirror, Dev))));
        var elsewhere = Obj.Secret("prod/registry").Annotate(Keys.ReplicateFrom, "apps/registry");
        Assert.Equal((Act.Refuse, Reason.NotPermitted), Word(Ask.Decide(Ask.Cell(source, elsewhere, Prod))));
    }

    [Theory]
    [InlineData("apps/registry", "Secret/apps/registry")]
    [InlineData(" apps/registry ", "Secret/apps/registry")]
    public void A_mirror_asks_with_replicate_from(string value, string source)
    {
        var request = Dialects.ReadRequest(Obj.Secret("dev/mirror").Annotate(Keys.ReplicateFrom, value))!;
        Assert.Equal((source, DataMode.Merge, Dialect.Replicator), (request.Source.ToString(), request.Policy.Data, request.Policy.Dialect));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("false", true)]
    [InlineData("0", true)]
    [InlineData("true", false)]
    [InlineData("T", false)]
    public void Labels_are_copied_unless_strip_labels_is_true(string? strip, bool copied)
    {
        var push = Assert.IsType<Wish.Push>(Ask.PushWish(Obj.Secret("apps/registry").Annotate((Keys.ReplicateTo, "*"), (Keys.StripLabels, strip)), Dev));
        Assert.Equal(copied, push.Rule.Policy.CopyLabels is not null);
    }

    [Theory]
    [InlineData(Keys.StripLabels)]
    [InlineData(Keys.KeepOwners)]
    public void A_switch_that_cannot_be_read_freezes_the_push(string key) =>
        Assert.Equal("frozen", Ask.Push(Obj.Secret("apps/registry").Annotate((Keys.ReplicateTo, "*"), (key, "maybe")), Dev));

    [Fact]
    public void An_object_that_asks_is_pushed_on_all_the_same() =>
        Assert.Equal("push", Ask.Push(Obj.Secret("apps/registry").Annotate((Keys.ReplicateFrom, "x/y"), (Keys.ReplicateTo, "dev")), Dev));

    [Fact]
    public void Explanations()
    {
        var source = Obj.Secret("apps/registry").Annotate((Keys.ReplicateTo, "x"), (Keys.ReplicateToMatching, "env=prod"));
        Assert.Equal(
            $"{Keys.ReplicateTo}: no pattern of \"x\" matches dev; {Keys.ReplicateToMatching}: dev does not meet \"env in (prod)\" (env is \"dev\")",
            Assert.IsType<Wish.Nothing>(Ask.PushWish(source, Dev)).Detail);
        Assert.Equal(
            $"{Keys.ReplicationAllowedNamespaces} is not set: no namespace may pull",
            Assert.IsType<Wish.Denied>(Ask.PullWish(Obj.Secret("apps/registry").Annotate(Keys.ReplicationAllowed, "true"), Dev)).Detail);
        Assert.Equal(
            $"Secret/apps/registry permits no pull ({Keys.ReplicationAllowed} is not \"true\", so nothing may be pulled)",
            Assert.IsType<Wish.Denied>(Ask.PullWish(Obj.Secret("apps/registry").Annotate(Keys.ReplicationAllowedNamespaces, "*"), Dev)).Detail);
    }

    private static (Act Act, Reason Reason) Word(Intent intent) => (intent.Act, intent.Reason);
}
