using Heliograph.Model;
using Xunit;
using static Heliograph.Rules.Inheritance.Admission.AdmissionOperation;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>Which kinds cannot be inherited.</summary>
public sealed class ConfigurationRulesTests
{
    private const string Invalid = "422 HNCConfiguration.hnc.x-k8s.io \"config\" is invalid: ";

    private static Asked Tree => new Asked { Configuration = "{}" }.Has("eng").Has("shop < eng").Has("till < shop");

    [Fact]
    public void The_configuration_stays()
    {
        Assert.Equal("403 hncconfigurations.hnc.x-k8s.io \"config\" is forbidden: deleting the 'config' object is forbidden", Tree.Configure(Delete, "config", null, "{}"));
        Assert.Equal("allowed", Tree.Configure(Delete, "other", null, "{}"));
    }

    [Fact]
    public void What_is_always_inherited_what_is_named_twice_and_what_is_not_served_is_refused()
    {
        Assert.Equal(
            Invalid + "spec.resources[0]: Invalid value: roles.rbac.authorization.k8s.io: always uses the 'Propagate' mode and cannot be configured",
            Tree.Configure(Create, "config", """{"resources":[{"group":"rbac.authorization.k8s.io","resource":"roles","mode":"Ignore"}]}"""));
        Assert.Equal(
            Invalid + "spec.resources[1]: Duplicate value: secrets",
            Tree.Configure(Create, "config", """{"resources":[{"resource":"secrets","mode":"Ignore"},{"resource":"secrets","mode":"Remove"}]}"""));
        var told = Tree.Configure(Create, "config", """{"resources":[{"resource":"secrets"},{"group":"example.com","resource":"widgets"},{"resource":"secrets"}]}""");
        Assert.StartsWith(Invalid + "[spec.resources[1]: Invalid value: widgets.example.com: Resource \"widgets\" of group \"example.com\" is not served: ", told, StringComparison.Ordinal);
        Assert.EndsWith(", spec.resources[2]: Duplicate value: secrets]", told, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_there_already_keeps_nobody_from_changing_the_rest() => Assert.Equal(
        "allowed",
        Tree.Configure(Update, "config", """{"resources":[{"resource":"widgets"},{"resource":"secrets"}]}""", """{"resources":[{"resource":"widgets"}]}"""));

    [Fact]
    public void No_mode_overwrites_anything()
    {
        var tree = Tree.Holds(Obj.Secret("eng/s")).Holds(Obj.Secret("till/s")).Holds(Obj.Secret("shop/u")).Holds(Obj.ConfigMap("eng/c")).Holds(Obj.ConfigMap("shop/c"))
            .Holds(Obj.Secret("eng/t").Annotate(Vocabulary.Hnc.TreeSelect, "!till")).Holds(Obj.Secret("till/t"));
        Assert.Equal(
            "409 Operation cannot be fulfilled on hncconfigurations.hnc.x-k8s.io \"config\": Cannot update configuration because setting type \"/v1, Kind=Secret\" to 'Propagate' mode or "
            + "'AllowPropagate' mode would overwrite user-created object(s):\n  Object \"s\" in namespace \"eng\" would overwrite the one in \"till\"\n"
            + "To fix this, please rename or remove the conflicting objects first.",
            tree.Configure(Update, "config", """{"resources":[{"resource":"secrets","mode":"Propagate"}]}""", "{}"));
        Assert.Equal("allowed", tree.Configure(Update, "config", """{"resources":[{"resource":"secrets","mode":"AllowPropagate"}]}""", "{}"));
        Assert.Equal("allowed", tree.Configure(Update, "config", """{"resources":[{"resource":"secrets","mode":"Ignore"},{"resource":"configmaps","mode":"Remove"}]}""", "{}"));
    }

    [Fact]
    public void What_is_inherited_already_is_not_looked_at()
    {
        var tree = new Asked().Has("eng").Has("shop < eng").Holds(Obj.Secret("eng/s")).Holds(Obj.Secret("shop/s"));
        Assert.Equal("allowed", tree.Configure(Update, "config", """{"resources":[{"resource":"secrets","mode":"Propagate"}]}""", "{}"));
    }
}
