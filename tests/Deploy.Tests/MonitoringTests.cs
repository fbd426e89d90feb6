using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Heliograph.Architecture.Tests;
using Heliograph.Cluster;
using Heliograph.Hosting;
using Heliograph.Model;

namespace Heliograph.Deploy.Tests;

/// <summary>A rule or a picture of a series that nobody counts never says anything, and looks as if all were well.</summary>
public sealed partial class MonitoringTests(Cluster cluster)
{
    private const string Monitored = "infra/deploy/plain-monitored";

    private static IEnumerable<string> Expressions =>
        Kubectl.Documents(Monitored).Where(document => document.Text("kind") == "PrometheusRule")
            .SelectMany(rule => rule.List("spec", "groups")).SelectMany(group => group.List("rules")).Select(rule => rule.Text("expr"))
            .Concat(JsonNode.Parse(Tree.Read("infra/deploy/monitored/heliograph.json"))!["panels"]!.AsArray()
                .SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => target!["expr"]!.GetValue<string>()));

    [Fact]
    public async Task Every_series_and_every_label_of_it_is_there()
    {
        var known = await SeriesAsync();
        Assert.NotEmpty(Expressions);
        Assert.All(Expressions, expression =>
        {
            var used = Series().Matches(expression).Select(match => match.Value).ToArray();
            Assert.NotEmpty(used);
            Assert.All(used, series => Assert.Contains(series, known.Keys));
            var labels = Labels().Matches(expression).SelectMany(match => Word().Matches(match.Groups["names"].Value)).Concat(Matchers().Matches(expression)).Select(match => match.Value);
            Assert.All(labels, label => Assert.All(used, series => Assert.Contains(label, known[series])));
        });
    }

    [Fact]
    public void Prometheus_is_led_to_where_the_counters_are()
    {
        var documents = Kubectl.Documents(Monitored);
        var ports = documents.Where(document => document.Text("kind") == "Deployment").ToDictionary(
            deployment => deployment.Text("spec", "template", "metadata", "labels", "app.kubernetes.io/name"),
            deployment => deployment.List("spec", "template", "spec", "containers").Single().List("ports").Single(port => port.Text("name") == "health"));
        var allowed = documents.Where(document => document.Name().EndsWith("-metrics", StringComparison.Ordinal)).ToDictionary(
            policy => policy.Text("spec", "podSelector", "matchLabels", "app.kubernetes.io/name"),
            policy => policy.List("spec", "ingress").Single().List("ports").Single().Text("port"));
        var monitors = documents.Where(document => document.Text("kind") == "PodMonitor").ToArray();
        Assert.Equal(ports.Keys.Order(StringComparer.Ordinal), monitors.Select(monitor => monitor.Text("spec", "selector", "matchLabels", "app.kubernetes.io/name")).Order(StringComparer.Ordinal));
        foreach (var monitor in monitors)
        {
            var name = monitor.Text("spec", "selector", "matchLabels", "app.kubernetes.io/name");
            var port = ports[name];
            var endpoint = monitor.List("spec", "podMetricsEndpoints").Single();
            Assert.Equal((port.Text("name"), Observation.MetricsPath), (endpoint.Text("port"), endpoint.Text("path")));
            Assert.Equal(port.Text("containerPort"), allowed[name]);
        }
    }

    /// <summary>What the programs count, by the names that Prometheus gives it, with its labels.</summary>
    private async Task<Dictionary<string, HashSet<string>>> SeriesAsync()
    {
        var series = new Dictionary<string, HashSet<string>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (!instrument.Meter.Name.StartsWith("Heliograph.", StringComparison.Ordinal))
                return;
            lock (series)
                series.TryAdd(NameOf(instrument), []);
            listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        using var functions = new Functions.Telemetry();
        using var exporter = new Exporter.Telemetry(Kinds.Default, new Exporter.Mailroom(1, TimeProvider.System));
        using var requests = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = cluster.ControlPlane.AdminKubeconfig });
        await requests.GetVersionAsync(TestContext.Current.CancellationToken);
        listener.RecordObservableInstruments();
        return series;

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (series)
            {
                foreach (var tag in tags)
                    series[NameOf(instrument)].Add(tag.Key);
            }
        }
    }

    private static string NameOf(Instrument instrument) =>
        instrument.Name.Replace('.', '_') + (instrument is Counter<long> or ObservableCounter<long> ? "_total" : "");

    [GeneratedRegex(@"heliograph_[a-z_]+")]
    private static partial Regex Series();

    [GeneratedRegex(@"\bby \((?<names>[^)]*)\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"[a-z_]+(?=(=|!=|=~|!~)"")")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"[a-z_]+")]
    private static partial Regex Word();
}
