using Heliograph.Exporter.Leading;
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

        var http = Assert.IsType<BusSettings.Http>(settings.Bus);
        Assert.Equal(new Uri("http://functions.example/api/events"), http.Endpoint);
        Assert.Equal("k", http.SharedKey.Current());
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
    [InlineData("Inheritance:Enabled", "yes", "setting Inheritance__Enabled is \"yes\", which is not true or false")]
    [InlineData("Replication:Kinds", "Secret,Pod", "setting Replication__Kinds names \"Pod\", which cannot be served; it can be any of ")]
    public void What_is_wrong_is_told_with_the_settings_name(string key, string? value, string message)
    {
        var e = Assert.Throws<SettingsException>(() => Read((key, value)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "Exporter:Endpoint", "http://functions.example/api/events")]
    [InlineData(true, "Exporter:Endpoint", "https://functions.example/api/events")]
    [InlineData(true, "Bus:Transport", "eventgrid")]
    [InlineData(true, "Bus:Transport", "queue")]
    public void Authorities_that_the_system_trusts_are_needed_where_nothing_else_vouches_for_the_other_end(bool needed, string key, string value)
    {
        var bus = Read(
            ("EventGrid:Endpoint", "https://topic.example/api/events"), ("Queue:Name", "events"), ("Queue:ServiceUri", "https://account.queue.example"), (key, value)).Bus;

        Assert.Equal(needed, bus.NeedsSystemAuthorities);
    }

    [Fact]
    public void What_the_tree_of_namespaces_is_made_of_is_watched_only_where_inheritance_is_on()
    {
        Assert.Equal(["Secret", "ConfigMap", "Namespace"], Read().Watched.Select(kind => kind.Name));
        Assert.Equal(
            ["Secret", "ConfigMap", "Namespace", "HierarchyConfiguration", "SubnamespaceAnchor", "HNCConfiguration", "HierarchicalResourceQuota", "ResourceQuota"],
            Read(("Inheritance:Enabled", "true")).Watched.Select(kind => kind.Name));
        Assert.Equal("metadata.name=hrq.hnc.x-k8s.io", Read(("Inheritance:Enabled", "true")).Watched[^1].FieldSelector);
    }

    [Fact]
    public void A_kind_that_is_served_anyway_is_not_watched_twice()
    {
        var settings = Read(("Inheritance:Enabled", "true")) with { Kinds = [Kinds.ResourceQuota] };

        Assert.Null(Assert.Single(settings.Watched, kind => kind.Name == "ResourceQuota").FieldSelector);
    }

    [Theory]
    [InlineData("pigeon", "setting Bus__Transport is \"pigeon\", which is not http, eventgrid or queue")]
    [InlineData("eventgrid", "setting EventGrid__Endpoint must be set, because Bus__Transport is eventgrid")]
    [InlineData("queue", "setting Queue__Name must be set, because Bus__Transport is queue")]
    public void A_transport_needs_its_settings(string transport, string message)
    {
        var e = Assert.Throws<SettingsException>(() => Read(("Bus:Transport", transport)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EventGrid:Endpoint", "http://topic.example/api/events", "setting EventGrid__Endpoint is \"http://topic.example/api/events\", which is not an https address")]
    [InlineData("EventGrid:KeyFile", "/nowhere", "setting EventGrid__Key or EventGrid__KeyFile must be set (and not both)")]
    [InlineData("EventGrid:Key", null, "setting EventGrid__KeyFile names /nowhere, which cannot be read or is empty", "/nowhere")]
    public void A_topic_is_entered_over_tls_and_with_one_key_at_most(string key, string? value, string message, string? keyFile = null)
    {
        var e = Assert.Throws<SettingsException>(() => Read(
            ("Bus:Transport", "EventGrid"), ("EventGrid:Endpoint", "https://topic.example/api/events"), ("EventGrid:Key", "k"), ("EventGrid:KeyFile", keyFile), (key, value)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_topic_without_a_key_is_entered_with_the_identity_of_the_process()
    {
        var settings = Read(("Bus:Transport", "eventgrid"), ("EventGrid:Endpoint", "https://topic.example/api/events"));

        Assert.Equal(new BusSettings.EventGrid(new Uri("https://topic.example/api/events"), null), settings.Bus);
    }

    [Theory]
    [InlineData("Queue:Name", "Events", "setting Queue__Name is \"Events\", which is not 3 to 56 small letters, digits and single hyphens between them")]
    [InlineData("Queue:ConnectionString", null, "setting Queue__ConnectionString or Queue__ConnectionStringFile or Queue__ServiceUri must be set, and only one of them")]
    [InlineData("Queue:ServiceUri", "https://account.queue.core.windows.net", "setting Queue__ConnectionString or Queue__ConnectionStringFile or Queue__ServiceUri must be set, and only one of them")]
    [InlineData("Queue:ConnectionString", "a-secret-that-is-none", "setting Queue__ConnectionString is no connection string of a storage account")]
    public void A_queue_is_entered_in_one_way(string key, string? value, string message)
    {
        var e = Assert.Throws<SettingsException>(() => Read(
            ("Bus:Transport", "queue"), ("Queue:Name", "events"), ("Queue:ConnectionString", "UseDevelopmentStorage=true"), (key, value)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_replica_needs_no_lease() => Assert.Null(Read().Lease);

    [Fact]
    public void A_lease_is_held_under_the_hosts_name_for_a_quarter_of_a_minute()
    {
        var lease = Read(("Lease:Name", "exporter"), ("Lease:Namespace", "ns")).Lease;

        Assert.Equal(new LeaseSettings("ns", "exporter", Environment.MachineName, TimeSpan.FromSeconds(15)), lease);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)), (lease!.RenewDeadline, lease.RetryPeriod));
    }

    [Theory]
    [InlineData("Lease:Namespace", null, "setting Lease__Namespace must be set, because Lease__Name is and this is no pod")]
    [InlineData("Lease:Duration", "00:00:01", "setting Lease__Duration is \"00:00:01\", which is not a duration hh:mm:ss between 00:00:03 and 00:05:00")]
    public void A_lease_that_cannot_be_held_is_told(string key, string? value, string message)
    {
        var e = Assert.Throws<SettingsException>(() => Read(("Lease:Name", "exporter"), ("Lease:Namespace", "ns"), (key, value)));

        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var e = Assert.Throws<SettingsException>(() => Read(("Exporter:Endpoint", null), ("Exporter:Key", null), ("Exporter:Listen", "x")));

        Assert.Equal(3, e.Message.Split(Environment.NewLine).Length);
    }
}
