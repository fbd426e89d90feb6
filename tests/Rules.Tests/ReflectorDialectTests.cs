using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class ReflectorDialectTests
{
    private static readonly Obj Dev = Obj.Ns("dev", ("env", "dev"));

    private static readonly Obj Prod = Obj.Ns("prod", ("env", "prod"));

    /// <summary>Allowed, its list, its selector, automatic, its list, its selector; then what comes of it in the namespaces dev and prod: push and pull.</summary>
    public static TheoryData<string?, string?, string?, string?, string?, string?, string, string> Rules => new()
    {
        // The gate.
        { null, null, null, "true", null, null, "no denied", "no denied" },
        { "false", null, null, "true", null, null, "no denied", "no denied" },
        { "true", null, null, null, null, null, "no pull", "no pull" },
        { "true", null, null, "false", null, null, "no pull", "no pull" },
        { "true", null, null, "true", null, null, "push pull", "push pull" },
        // Booleans.
        { " TRUE ", null, null, "1", null, null, "push pull", "push pull" },
        { "t", null, null, "F", null, null, "no pull", "no pull" },
        { "0", null, null, "true", null, null, "no denied", "no denied" },
        { "yes", null, null, "true", null, null, "frozen frozen", "frozen frozen" },
        { "", null, null, "true", null, null, "frozen frozen", "frozen frozen" },
        { "true", null, null, "yes", null, null, "frozen pull", "frozen pull" },
        // The allowed list: missing, empty and blank are all; commas alone are none.
        { "true", "", null, "true", null, null, "push pull", "push pull" },
        { "true", "  ", null, "true", null, null, "push pull", "push pull" },
        { "true", ",", null, "true", null, null, "no denied", "no denied" },
        { "true", "dev", null, "true", null, null, "push pull", "no denied" },
        { "true", "*", null, "true", null, null, "push pull", "push pull" },
        { "true", "de", null, "true", null, null, "no denied", "no denied" },
        { "true", "^(?!dev$).*", null, "true", null, null, "no denied", "push pull" },
        { "true", "[", null, "true", null, null, "frozen frozen", "frozen frozen" },
        { "true", "dev,[", null, "true", null, null, "frozen frozen", "frozen frozen" },
        // List or selector; a selector alone decides alone; a blank one is not set.
        { "true", null, "env=dev", "true", null, null, "push pull", "no denied" },
        { "true", "prod", "env=dev", "true", null, null, "push pull", "push pull" },
        { "true", "nobody", "env=dev", "true", null, null, "push pull", "no denied" },
        { "true", null, " ", "true", null, null, "push pull", "push pull" },
        { "true", "dev", "", "true", null, null, "push pull", "no denied" },
        { "true", null, "env in ()", "true", null, null, "frozen frozen", "frozen frozen" },
        { "true", "dev", "env in ()", "true", null, null, "push pull", "frozen frozen" },
        { "true", "[", "env=dev", "true", null, null, "push pull", "frozen frozen" },
        // Automatic within allowed.
        { "true", "dev,prod", null, "true", "dev", null, "push pull", "no pull" },
        { "true", "dev", null, "true", "prod", null, "no pull", "no denied" },
        { "true", "dev", null, "true", "dev,prod", null, "push pull", "no denied" },
        { "true", null, null, "true", "", null, "push pull", "push pull" },
        { "true", null, null, "true", ",", null, "no pull", "no pull" },
        { "true", null, null, "true", "prod", "env=dev", "push pull", "push pull" },
        { "true", null, null, "true", null, "env=dev", "push pull", "no pull" },
        { "true", null, null, "true", null, "!env", "no pull", "no pull" },
        { "true", "dev", null, "true", "[", null, "frozen pull", "no denied" },
        { "true", "dev", null, "true", null, "env=(", "frozen pull", "no denied" },
        { "true", "[", null, "true", "dev", null, "frozen frozen", "no frozen" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Allowed_and_automatic(
        string? allowed, string? list, string? selector, string? auto, string? autoList, string? autoSelector, string inDev, string inProd)
    {
        var source = Obj.Secret("apps/registry", "a=MQ==").Annotate(
            (Keys.Allowed, allowed), (Keys.AllowedNamespaces, list), (Keys.AllowedSelector, selector),
            (Keys.Auto, auto), (Keys.AutoNamespaces, autoList), (Keys.AutoSelector, autoSelector));
        Assert.Equal(inDev, $"{Ask.Push(source, Dev)} {Ask.Pull(source, Dev)}");
        Assert.Equal(inProd, $"{Ask.Push(source, Prod)} {Ask.Pull(source, Prod)}");
    }

    [Theory]
    [InlineData("apps/registry", null, "apps/registry")]
    [InlineData(" apps / registry ", null, "apps/registry")]
    [InlineData("apps/registry", "False", "apps/registry")]
    [InlineData("apps/registry", "maybe", "apps/registry")]
    // Made by a controller: bookkeeping, not a request.
    [InlineData("apps/registry", "True", null)]
    [InlineData("apps/registry", " true ", null)]
    public void A_mirror_asks_with_reflects(string reflects, string? automatic, string? source)
    {
        var request = Dialects.ReadRequest(Obj.Secret("dev/mirror").Annotate((Keys.Reflects, reflects), (Keys.AutoReflects, automatic)), out var fault);
        Assert.Null(fault);
        Assert.Equal(source is null ? null : $"Secret/{source}", request?.Source.ToString());
        Assert.Equal(source is null ? null : DataMode.Whole, request?.Policy.Data);
    }

    [Theory]
    [InlineData("True", "apps/registry", "Secret/apps/registry")]
    [InlineData("true", "apps/registry", "Secret/apps/registry")]
    [InlineData("False", "apps/registry", null)]
    [InlineData(null, "apps/registry", null)]
    [InlineData("True", null, null)]
    [InlineData("True", "registry", null)]
    public void What_reflector_made_says_so(string? automatic, string? reflects, string? source) =>
        Assert.Equal(source, Dialects.ReadPeerClaim(Obj.Secret("dev/registry").Annotate((Keys.AutoReflects, automatic), (Keys.Reflects, reflects)))?.ToString());

    [Theory]
    [InlineData("true", "dev", null, null, "\"dev\" matches dev")]
    [InlineData("true", "x", null, null, $"{Keys.AllowedNamespaces}: no pattern of \"x\" matches dev")]
    [InlineData("true", null, null, "x,y", $"{Keys.AutoNamespaces}: no pattern of \"x,y\" matches dev")]
    [InlineData("true", null, "env=prod", null, $"{Keys.AllowedSelector}: dev does not meet \"env in (prod)\" (env is \"dev\")")]
    [InlineData("true", "x", "tier", null, $"{Keys.AllowedNamespaces}: no pattern of \"x\" matches dev; {Keys.AllowedSelector}: dev does not meet \"tier\" (there is no label tier)")]
    [InlineData(null, "dev", null, null, $"Secret/apps/registry pushes to no namespace ({Keys.Allowed} is not \"true\", so nothing is allowed)")]
    [InlineData("true", "[", null, null, $"{Keys.AllowedNamespaces}: \"[\" is not a valid pattern; write a comma list of regular expressions, each matching a whole name")]
    public void Explanations_name_annotation_pattern_and_label(string? allowed, string? list, string? selector, string? autoList, string explanation)
    {
        var source = Obj.Secret("apps/registry").Annotate(
            (Keys.Allowed, allowed), (Keys.AllowedNamespaces, list), (Keys.AllowedSelector, selector), (Keys.Auto, "true"), (Keys.AutoNamespaces, autoList));
        var told = Ask.PushWish(source, Dev) switch
        {
            Wish.Nothing nothing => nothing.Detail,
            Wish.Frozen frozen => frozen.Detail,
            Wish.Push push => push.Rule.Namespaces.Explain(Dev),
            _ => "",
        };
        Assert.Contains(explanation, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_automatic_mirrors_the_explanation_says_how_to_ask()
    {
        var wish = Assert.IsType<Wish.Nothing>(Ask.PushWish(Obj.Secret("apps/registry").Annotate(Keys.Allowed, "true"), Dev));
        Assert.Equal($"Secret/apps/registry pushes to no namespace ({Keys.Auto} is not \"true\", so mirrors must ask with {Keys.Reflects})", wish.Detail);
    }

    [Fact]
    public void A_push_is_whole_and_takes_no_labels()
    {
        var push = Assert.IsType<Wish.Push>(Ask.PushWish(Obj.Secret("apps/registry").Annotate((Keys.Allowed, "true"), (Keys.Auto, "true")), Dev));
        Assert.Equal((Dialect.Reflector, DataMode.Whole, "registry"), (push.Rule.Policy.Dialect, push.Rule.Policy.Data, push.Rule.MirrorName));
        Assert.Null(push.Rule.Policy.CopyLabels);
    }
}
