using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

/// <summary>Which owner references a mirror gets: none that the garbage collector would look for in vain, because it would delete the mirror.</summary>
public sealed class OwnerReferencesTests
{
    private readonly World world = new();

    public OwnerReferencesTests()
    {
        world.User.CreateNamespace("one");
        world.User.CreateNamespace("two");
    }

    [Theory]
    [InlineData("v1", "Node", true)]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", true)]
    [InlineData("rbac.authorization.k8s.io/v1beta1", "ClusterRole", true)]
    [InlineData("v1", "ConfigMap", false)]
    [InlineData("apps/v1", "Deployment", false)]
    [InlineData("example.com/v1", "ClusterRole", false)]
    [InlineData("v1", "ClusterRole", false)]
    [InlineData("example.com/v1", "Widget", false)]
    public void Only_an_owner_that_is_found_from_everywhere_is_copied(string apiVersion, string kind, bool isCopied)
    {
        CreateSource("true", (apiVersion, kind, "u-1"));

        var intent = Settle();

        Assert.Equal(isCopied ? ["u-1"] : [], Owners());
        Assert.Equal(
            isCopied ? "" : $"{Keys.KeepOwners}: not copied to two: {kind}/owner, which would not be found there, so that the mirror would be deleted as garbage",
            intent.Note);
        Assert.Equal((Act.Keep, Reason.UpToDate), (Settle().Act, Settle().Reason));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("false")]
    public void None_are_copied_unless_that_is_asked_for(string? keep)
    {
        CreateSource(keep, ("v1", "Node", "u-1"));

        Assert.Equal("", Settle().Note);

        Assert.Empty(Owners());
    }

    [Fact]
    public void What_leaves_the_source_leaves_the_mirror_and_what_others_put_there_stays()
    {
        CreateSource("true", ("v1", "Node", "u-1"), ("v1", "Node", "u-2"));
        Settle();
        SetOwners("two", ("v1", "Node", "u-1"), ("v1", "Node", "u-2"), ("v1", "ConfigMap", "u-theirs"));
        SetOwners("one", ("v1", "Node", "u-2"));

        Settle();

        Assert.Equal(["u-2", "u-theirs"], Owners().Order());
    }

    [Fact]
    public void When_they_are_not_asked_for_any_more_ours_leave()
    {
        CreateSource("true", ("v1", "Node", "u-1"));
        Settle();
        world.User.Annotate(Kinds.Secret, "one", "s", Keys.KeepOwners, null);

        Settle();

        Assert.Empty(Owners());
    }

    [Fact]
    public void What_somebody_took_off_the_mirror_is_put_back()
    {
        CreateSource("true", ("v1", "Node", "u-1"));
        Settle();
        SetOwners("two");

        Assert.Equal(Reason.Drifted, Settle().Reason);

        Assert.Equal(["u-1"], Owners());
    }

    private Intent Settle() => world.Settle(Kinds.Secret, "one/s", "two/s");

    private string[] Owners() => [.. world.Read(Kinds.Secret, "two/s")!.OwnerReferences is { ValueKind: System.Text.Json.JsonValueKind.Array } owners
        ? owners.EnumerateArray().Select(owner => owner.GetProperty("uid").GetString()!)
        : []];

    private void CreateSource(string? keep, params (string ApiVersion, string Kind, string Uid)[] owners)
    {
        world.User.CreateSecret("one", "s", [new("key", "1")], annotations: [new(Keys.ReplicateTo, "two")]);
        if (keep is not null)
            world.User.Annotate(Kinds.Secret, "one", "s", Keys.KeepOwners, keep);
        SetOwners("one", owners);
    }

    private void SetOwners(string ns, params (string ApiVersion, string Kind, string Uid)[] owners) => world.User.Replace(
        Kinds.Secret, ns, "s", body => body.With("metadata", body.MapOf("metadata").With("ownerReferences", owners.Length == 0 ? null : new Json.List([.. owners.Select(owner => Json.Of(
            ("apiVersion", Json.Of(owner.ApiVersion)), ("kind", Json.Of(owner.Kind)), ("name", Json.Of("owner")), ("uid", Json.Of(owner.Uid))))]))));
}
