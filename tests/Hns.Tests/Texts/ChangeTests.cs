using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Texts;

/// <summary>What <c>set</c> and <c>config</c> make of an object, and what they say of it.</summary>
public sealed class ChangeTests
{
    [Theory]
    [InlineData("{}", "--parent p", "{\"parent\":\"p\"}", "Setting the parent of ns to p", 1)]
    [InlineData("{\"parent\":\"a\"}", "--parent p", "{\"parent\":\"p\"}", "Changing the parent of ns from a to p", 1)]
    [InlineData("{\"parent\":\"p\"}", "--parent p", "{\"parent\":\"p\"}", "Parent of ns is already p; unchanged", 0)]
    [InlineData("{\"parent\":\"a\",\"labels\":[]}", "--root", "{\"labels\":[]}", "Unsetting the parent of ns (was previously a)", 1)]
    [InlineData("{}", "--root", "{}", "ns is already a root namespace; unchanged ", 0)]
    [InlineData("{}", "-a", "{\"allowCascadingDeletion\":true}", "Allowing cascading deletion on 'ns'", 1)]
    [InlineData("{\"allowCascadingDeletion\":true}", "-a", "{\"allowCascadingDeletion\":true}", "Cascading deletion for 'ns' is already set to true; unchanged", 0)]
    [InlineData("{\"allowCascadingDeletion\":true}", "-f", "{}", "Forbidding cascading deletion on 'ns'", 1)]
    [InlineData("{\"allowCascadingDeletion\":false}", "-f", "{\"allowCascadingDeletion\":false}", "Cascading deletion for 'ns' is already set to false; unchanged", 0)]
    [InlineData("{}", "--parent p -a", "{\"parent\":\"p\",\"allowCascadingDeletion\":true}", "Setting the parent of ns to p|Allowing cascading deletion on 'ns'", 2)]
    [InlineData("{\"parent\":\"p\"}", "", "{\"parent\":\"p\"}", "", 0)]
    public void A_hierarchy_is_changed_and_told(string before, string asked, string after, string told, int changes)
    {
        var words = asked.Split(' ');
        var change = new HierarchyChange(words.Contains("--root"), words.Contains("--parent") ? "p" : "", words.Contains("-a"), words.Contains("-f"));
        var configuration = new JsonObject { ["spec"] = JsonNode.Parse(before) };

        Assert.Null(change.Contradiction);
        var made = change.Apply(configuration, "ns");

        Assert.Equal((after, told, changes), (configuration["spec"]!.ToJsonString(), string.Join('|', made.Told), made.Changes));
    }

    [Fact]
    public void Contradictions_are_found()
    {
        Assert.Equal("Cannot give the namespace a parent and make it a root at the same time", new HierarchyChange(Root: true, Parent: "p").Contradiction);
        Assert.Equal("Cannot set both --allowCascadingDeletion and --forbidCascadingDeletion", new HierarchyChange(Allow: true, Forbid: true).Contradiction);
    }

    [Theory]
    [InlineData("[]", "", "secrets", "Propagate", false, "[{\"resource\":\"secrets\",\"mode\":\"Propagate\"}]")]
    [InlineData("[]", "apps", "deployments", "", false, "[{\"group\":\"apps\",\"resource\":\"deployments\"}]")]
    [InlineData("[{\"resource\":\"secrets\",\"mode\":\"Propagate\"}]", "", "secrets", "Remove", false, "[{\"resource\":\"secrets\",\"mode\":\"Remove\"}]")]
    [InlineData("[{\"resource\":\"secrets\",\"mode\":\"Remove\"}]", "", "secrets", "Propagate", false, "[{\"resource\":\"secrets\",\"mode\":\"Propagate\"}]")]
    [InlineData("[{\"resource\":\"secrets\",\"mode\":\"Ignore\"}]", "", "secrets", "Remove", false, "[{\"resource\":\"secrets\",\"mode\":\"Remove\"}]")]
    [InlineData("[{\"resource\":\"secrets\",\"mode\":\"Ignore\"}]", "", "secrets", "Propagate", true, "[{\"resource\":\"secrets\",\"mode\":\"Propagate\"}]")]
    [InlineData("[{\"resource\":\"secrets\",\"mode\":\"Ignore\"}]", "other", "secrets", "Propagate", false, "[{\"resource\":\"secrets\",\"mode\":\"Ignore\"},{\"group\":\"other\",\"resource\":\"secrets\",\"mode\":\"Propagate\"}]")]
    [InlineData("[{\"group\":\"\",\"resource\":\"secrets\",\"mode\":\"Remove\"}]", "", "secrets", "", false, "[{\"group\":\"\",\"resource\":\"secrets\"}]")]
    public void A_resource_is_listed_once(string before, string group, string resource, string mode, bool force, string after)
    {
        var configuration = Listing(before);
        ConfigurationChange.Set(configuration, group, resource, mode, force);
        Assert.Equal(after, configuration["spec"]!["resources"]!.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Propagate")]
    [InlineData("AllowPropagate")]
    public void What_may_replace_objects_wants_force(string mode)
    {
        var configuration = Listing("""[{"resource":"secrets","mode":"Ignore"}]""");
        var refused = Assert.Throws<HnsException>(() => ConfigurationChange.Set(configuration, "", "secrets", mode, force: false));
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("propagate", "Propagate")]
    [InlineData("ALLOWPROPAGATE", "AllowPropagate")]
    [InlineData("", "")]
    public void Modes_are_understood_in_any_case(string text, string mode) => Assert.Equal(mode, ConfigurationChange.Mode(text));

    [Fact]
    public void There_are_no_other_modes() =>
        Assert.Equal("Error: \"Copy\" is not a mode: it is one of Propagate, Remove, Ignore, AllowPropagate", Assert.Throws<HnsException>(() => ConfigurationChange.Mode("Copy")).Message);

    [Theory]
    [InlineData("", "secrets", true, 1)]
    [InlineData("apps", "deployments", true, 1)]
    [InlineData("apps", "secrets", false, 2)]
    public void A_resource_is_taken_off_the_list(string group, string resource, bool deleted, int left)
    {
        var configuration = Listing("""[{"resource":"secrets"},{"group":"apps","resource":"deployments"}]""");
        Assert.Equal(deleted, ConfigurationChange.Delete(configuration, group, resource));
        Assert.Equal(left, configuration["spec"]!["resources"]!.AsArray().Count);
    }

    private static JsonObject Listing(string resources) => new() { ["spec"] = new JsonObject { ["resources"] = JsonNode.Parse(resources) } };
}
