using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Configuration;

namespace Heliograph.Functions.Tests;

/// <summary>Which kinds are served, as the settings say.</summary>
public sealed class KindSettingsTests
{
    private const string NetworkPolicy = """{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "plural": "networkpolicies", "copy": ["spec"]}""";

    [Theory]
    [InlineData(null, null, "Secret,ConfigMap")]
    [InlineData("Secret", null, "Secret")]
    [InlineData(" role , ROLEBINDING,role", null, "Role,RoleBinding")]
    [InlineData(null, NetworkPolicy, "Secret,ConfigMap,NetworkPolicy")]
    [InlineData("ConfigMap", $"[{NetworkPolicy}]", "ConfigMap,NetworkPolicy")]
    [InlineData(null, "[]", "Secret,ConfigMap")]
    public void What_is_served(string? kinds, string? additional, string served) => Assert.Equal(served, string.Join(',', Read(kinds, additional)));

    [Fact]
    public void A_row_of_the_configuration_is_a_row_of_the_table()
    {
        var kind = Read("Secret", """{"apiVersion": "example.com/v1alpha1", "kind": "Widget", "plural": "widgets", "copy": ["spec", "data/*"], "frozen": "type"}""")[1];
        Assert.Equal(
            ("Widget", "example.com", "v1alpha1", "widgets", "type", "/apis/example.com/v1alpha1"),
            (kind.Name, kind.Group, kind.Version, kind.Plural, kind.Frozen, kind.ApiPath));
        Assert.Equal([new("spec", FieldShape.Whole), new("data", FieldShape.Map)], kind.Copied);
        Assert.True(kind is { Namespaced: true, WrittenWhole: false, MayBeEmptied: false, HasKeys: true });
        Assert.Equal("/api/v1", Read(null, """{"apiVersion": "v1", "kind": "LimitRange", "plural": "limitranges", "copy": ["spec"]}""")[2].ApiPath);
    }

    [Theory]
    [InlineData("networkpolicies", "is not JSON (line 1, byte 2); write for example {\"apiVersion\": ")]
    [InlineData("{", "is not JSON (line 1, byte 2)")]
    [InlineData("\"NetworkPolicy\"", "must be an object or an array of objects, for example {\"apiVersion\": ")]
    [InlineData("[1]", "(number 1) must be an object, for example {\"apiVersion\": ")]
    [InlineData("{}", "apiVersion must be a text|kind must be a text|plural must be a text|copy must be a list of the top-level fields to copy, for example [\"spec\"]")]
    [InlineData("""[{"apiVersion":"a/b/v1","kind":"A","plural":"as","copy":["spec"]}]""", "(number 1) apiVersion is \"a/b/v1\", which is not of the form networking.k8s.io/v1")]
    [InlineData("""{"apiVersion":"example.com","kind":"A","plural":"as","copy":["spec"]}""", "apiVersion is \"example.com\", which is not of the form networking.k8s.io/v1")]
    [InlineData("""{"apiVersion":"../v1","kind":"A","plural":"as","copy":["spec"]}""", "apiVersion is \"../v1\", which is not of the form networking.k8s.io/v1")]
    [InlineData("""{"apiVersion":"v1","kind":"a","plural":"as","copy":["spec"]}""", "kind is \"a\", which is not of the form NetworkPolicy")]
    [InlineData("""{"apiVersion":"v1","kind":"Secret","plural":"secrets","copy":["data"]}""", "kind is \"Secret\", which is known already")]
    [InlineData("""{"apiVersion":"v1","kind":"Namespace","plural":"namespaces","copy":["spec"]}""", "kind is \"Namespace\", which is known already")]
    [InlineData("""[{"apiVersion":"v1","kind":"A","plural":"as","copy":["spec"]},{"apiVersion":"v2","kind":"A","plural":"as","copy":["spec"]}]""", "(number 2) kind is \"A\", which is known already")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"As","copy":["spec"]}""", "plural is \"As\", which is not of the form networkpolicies")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as/x","copy":["spec"]}""", "plural is \"as/x\", which is not of the form networkpolicies")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":"spec"}""", "copy must be a list of the top-level fields to copy, for example [\"spec\"]")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":[]}""", "copy must be a list of the top-level fields to copy, for example [\"spec\"]")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":["metadata","status","a.b",""]}""",
        "copy: \"metadata\" is never copied|copy: \"status\" is never copied|copy: \"a.b\" is not the name of a top-level field|copy: \"\" is not the name of a top-level field")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":["data","data/*"]}""", "copy: \"data\" is named twice")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":["spec"],"frozen":"spec"}""",
        "frozen: \"spec\" is also among what is copied; a field that cannot be changed is taken over at the creation")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":["spec"],"frozen":"kind"}""", "frozen: \"kind\" is never copied")]
    [InlineData("""{"apiVersion":"v1","kind":"A","plural":"as","copy":["spec"],"group":"x"}""", "has no member \"group\"; there are apiVersion, kind, plural, copy, frozen")]
    public void What_is_wrong_is_said_with_the_settings_name(string additional, string problems)
    {
        var message = Assert.Throws<SettingsException>(() => Read(null, additional)).Message;
        Assert.All(
            message.Split(Environment.NewLine).Zip(problems.Split('|')),
            pair => Assert.StartsWith($"setting Kinds__Additional {pair.Second}", pair.First, StringComparison.Ordinal));
        Assert.Equal(problems.Split('|').Length, message.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void So_many_kinds_are_a_mistake()
    {
        var rows = string.Join(',', Enumerable.Range(0, 51).Select(i => $$"""{"apiVersion":"v1","kind":"A{{i}}","plural":"as","copy":["spec"]}"""));
        Assert.Equal("setting Kinds__Additional names more than 50 kinds", Assert.Throws<SettingsException>(() => Read(null, $"[{rows}]")).Message);
    }

    [Theory]
    [InlineData("Pod", "setting Replication__Kinds names \"Pod\", which cannot be served; it can be any of Secret, ConfigMap, Role, RoleBinding, ServiceAccount")]
    [InlineData(",", "setting Replication__Kinds names no kind")]
    public void A_kind_that_is_not_in_the_table_is_a_mistake(string kinds, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<SettingsException>(() => Read(kinds, null)).Message, StringComparison.Ordinal);

    private static System.Collections.Immutable.ImmutableArray<Kind> Read(string? kinds, string? additional)
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [KindSettings.Kinds.Key] = kinds,
            [KindSettings.Additional.Key] = additional,
        }).Build());
        var read = KindSettings.ReadKinds(settings);
        settings.ThrowIfInvalid();
        return read;
    }
}
