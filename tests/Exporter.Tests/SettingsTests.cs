using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Configuration;

namespace Heliograph.Exporter.Tests;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string?> good = new()
    {
        ["Exporter:Endpoint"] = "http://functions.example/api/events",
        ["Exporter:Key"] = "k",
    };

    private static ExporterSettings Read(params ReadOnlySpan<(string Key, string? Value)> changes)
    {
        var all = new Dictionary<string, string?>(good);
        foreach (var (key, value) in changes)
            all[key] = value;
        return ExporterSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
    }

    [Fact]
    public void Endpoint_and_key_are_enough()
    {
        var settings = Read();

        Assert.Equal(new Uri("http://functions.example/api/events"), settings.Endpoint);
        Assert.Equal("k", settings.SharedKey.Current());
        Assert.Equal("default", settings.ClusterName);
        Assert.Equal("http://0.0.0.0:8080", settings.Listen);
        Assert.Equal(Kinds.Default, settings.Kinds);
        Assert.Null(settings.Kubeconfig);
    }

    [Theory]
    [InlineData("Exporter:Endpoint", null, "setting Exporter__Endpoint must be set, for example to http://heliograph-functions.heliograph/api/events")]
    [InlineData("Exporter:Endpoint", "functions", "setting Exporter__Endpoint is \"functions\", which is not an http or https address")]
    [InlineData("Exporter:Endpoint", "file:///etc", "setting Exporter__Endpoint is \"file:///etc\", which is not an http or https address")]
    [InlineData("Exporter:Key", null, "setting Exporter__Key or Exporter__KeyFile must be set (and not both)")]
    [InlineData("Exporter:KeyFile", "/somewhere", "setting Exporter__Key or Exporter__KeyFile must be set (and not both)")]
    [InlineData("Exporter:Listen", "8080", "setting Exporter__Listen is \"8080\", which is not an http address such as http://0.0.0.0:8080")]
    [InlineData("Replication:Kinds", "Secret,Pod", "setting Replication__Kinds names \"Pod\", which cannot be served; it can be any of ")]
    public void What_is_wrong_is_told_with_the_settings_name(string key, string? value, string message)
    {
        var e = Assert.Throws<SettingsException>(() => Read((key, value)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var e = Assert.Throws<SettingsException>(() => Read(("Exporter:Endpoint", null), ("Exporter:Key", null), ("Exporter:Listen", "x")));

        Assert.Equal(3, e.Message.Split(Environment.NewLine).Length);
    }
}
