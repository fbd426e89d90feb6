using Xunit;

namespace Heliograph.Model.Tests;

public sealed class ResourceRefTests
{
    [Theory]
    [InlineData("Secret/team-a/registry", "Secret", "team-a", "registry")]
    [InlineData("Role/kube-system/system:leader", "Role", "kube-system", "system:leader")]
    public void The_text_form_is_read_back(string text, string kind, string ns, string name)
    {
        Assert.True(ResourceRef.TryParse(text, out var read));
        Assert.Equal(new ResourceRef(kind, ns, name), read);
        Assert.Equal(text, read.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Secret")]
    [InlineData("Secret/team-a")]
    [InlineData("Secret/team-a/")]
    [InlineData("Secret//registry")]
    [InlineData("/team-a/registry")]
    [InlineData("Secret/team-a/registry/more")]
    public void Anything_but_three_parts_is_refused(string? text) => Assert.False(ResourceRef.TryParse(text, out _));

    [Theory]
    [InlineData("Secret/../registry")]
    [InlineData("Secret/team-a/..")]
    [InlineData("Secret/./registry")]
    [InlineData("Secret/team-a/%2e%2e")]
    [InlineData("Secret/team-a/a\nb")]
    [InlineData("Secret/team-a/a\u0000b")]
    public void What_could_lead_out_of_an_api_path_is_refused(string text) => Assert.False(ResourceRef.TryParse(text, out _));

    [Fact]
    public void A_name_may_have_253_characters_and_no_more()
    {
        Assert.True(ResourceRef.TryParse($"Secret/a/{new string('n', 253)}", out _));
        Assert.False(ResourceRef.TryParse($"Secret/a/{new string('n', 254)}", out _));
    }
}
