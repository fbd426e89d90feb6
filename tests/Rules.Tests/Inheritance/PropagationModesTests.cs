using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>What the HNCConfiguration says of kinds.</summary>
public sealed class PropagationModesTests
{
    [Theory]
    [InlineData("", PropagationMode.Propagate)]
    [InlineData("Propagate", PropagationMode.Propagate)]
    [InlineData("Remove", PropagationMode.Remove)]
    [InlineData("Ignore", PropagationMode.Ignore)]
    [InlineData("AllowPropagate", PropagationMode.AllowPropagate)]
    [InlineData("propagate", PropagationMode.Ignore)]
    [InlineData("Everything", PropagationMode.Ignore)]
    public void Every_mode_is_read(string mode, PropagationMode expected)
    {
        Assert.Equal(expected, Clan.Modes($"secrets={mode}")["Secret"]);
        Assert.Equal(PropagationMode.Ignore, Clan.Modes($"secrets={mode}")["ConfigMap"]);
    }

    [Fact]
    public void A_missing_mode_propagates() => Assert.Equal(
        PropagationMode.Propagate,
        PropagationModes.Read(Clan.Configuration().Set("spec", """{"resources":[{"resource":"secrets"},{"resource":7},{}]}"""), Kinds.All)["Secret"]);

    [Fact]
    public void Roles_and_their_bindings_are_always_inherited()
    {
        foreach (var modes in new[] { PropagationModes.Read(null, Kinds.All), Clan.Modes("roles.rbac.authorization.k8s.io=Ignore", "rolebindings.rbac.authorization.k8s.io=Remove") })
        {
            Assert.Equal(PropagationMode.Propagate, modes["Role"]);
            Assert.Equal(PropagationMode.Propagate, modes["RoleBinding"]);
            Assert.Equal(PropagationMode.Ignore, modes["Secret"]);
        }
        var told = Clan.Modes("roles.rbac.authorization.k8s.io=Ignore").Resources.Last();
        Assert.Equal(("Resource \"roles\" of group \"rbac.authorization.k8s.io\" is always in mode Propagate", "MultipleConfigurationsForType"), told.Problem);
    }

    [Fact]
    public void Of_two_words_on_a_kind_the_first_counts_and_the_second_is_told()
    {
        var modes = Clan.Modes("secrets=Remove", "secrets=Propagate");
        Assert.Equal(PropagationMode.Remove, modes["Secret"]);
        Assert.Equal([null, "MultipleConfigurationsForType"], modes.Resources.Skip(2).Select(resource => resource.Problem?.Reason));
    }

    [Theory]
    [InlineData("widgets.example.com")]
    [InlineData("secrets.example.com")]
    public void A_kind_that_is_not_served_is_told(string resource)
    {
        var modes = Clan.Modes($"{resource}=Propagate");
        var told = modes.Resources.Last();
        Assert.Equal("ResourceNotFound", told.Problem!.Value.Reason);
        Assert.Null(told.Kind);
        Assert.Equal(PropagationMode.Ignore, modes["Secret"]);
    }

    [Fact]
    public void Roles_that_are_not_served_are_told_too() =>
        Assert.Equal(["ResourceNotFound", "ResourceNotFound"], PropagationModes.Read(null, [Kinds.Secret]).Resources.Select(resource => resource.Problem?.Reason));
}
