using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

/// <summary>What must not be concluded from metadata, and from emptiness. The simulation found both.</summary>
public sealed class OwnershipDoubtTests
{
    private readonly World world = new();

    public OwnershipDoubtTests()
    {
        world.User.CreateNamespace("one");
        world.User.CreateNamespace("two");
        world.User.CreateSecret("one", "s", [new("key", "1")], annotations: [new(Keys.PushTo, "two")]);
    }

    [Fact]
    public void A_source_that_holds_nothing_is_not_overwritten_by_another()
    {
        world.User.CreateSecret("two", "s", [], annotations: [new(Keys.PushTo, "*")]);

        Assert.Equal((Act.Refuse, Reason.Conflict), Settled());
    }

    [Fact]
    public void An_object_that_holds_nothing_and_is_no_source_is()
    {
        world.User.CreateSecret("two", "s", []);

        Assert.Equal((Act.Write, Reason.Empty), Settled());
    }

    [Fact]
    public void A_mirror_that_lost_all_its_keys_is_noticed_though_the_sources_managed_fields_are_gone()
    {
        world.User.Replace(Kinds.Secret, "one", "s", body => body.With("metadata", body.MapOf("metadata").With("managedFields", new Json.List([Json.Empty]))));
        Settled();
        world.User.SetSecretKey("two", "s", "key", null);

        Assert.Equal((Act.Write, Reason.Drifted), Settled());
    }

    private (Act Act, Reason Reason) Settled() => world.Settle(Kinds.Secret, "one/s", "two/s") is var intent ? (intent.Act, intent.Reason) : default;
}
