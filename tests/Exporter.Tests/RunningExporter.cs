using System.Collections.Immutable;
using Heliograph.Exporter.Publishing;
using Heliograph.Exporter.Watches;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Heliograph.Exporter.Tests;

/// <summary>The parts, put together as the program does.</summary>
internal sealed class RunningExporter : IAsyncDisposable
{
    private readonly Telemetry telemetry;
    private readonly EventEndpoint endpoint;
    private readonly Publisher publisher;
    private readonly ExporterWorker worker;

    public RunningExporter(IClusterFeed feed, Uri address, TimeProvider time, IHostApplicationLifetime lifetime, bool inherits = false)
    {
        var bus = new BusSettings.Http(address, SharedKey.Of("k"));
        var settings = new ExporterSettings
        {
            Bus = bus,
            ClusterName = "c",
            Listen = "",
            Kubeconfig = null,
            Kinds = [Model.Kinds.Secret, Model.Kinds.ConfigMap],
            Inherits = inherits,
        };
        Kinds = settings.Watched;
        Mailroom = new Mailroom(ExporterApp.OutboxCapacity, time);
        telemetry = new Telemetry(Kinds, Mailroom);
        var desk = new Desk(Kinds, Mailroom, telemetry, inherits ? settings.Kinds : default);
        var status = new PublisherStatus(Mailroom, time);
        endpoint = new EventEndpoint(bus, time);
        publisher = new Publisher(
            Mailroom, new EventEncoder(settings.ClusterName), endpoint, status, telemetry, time, NullLogger<Publisher>.Instance);
        var watchers = new Watchers([.. Kinds.Select(kind => new KindWatcher(kind, feed, desk, telemetry, time, WatchLog))]);
        Readiness = new Readiness(watchers, status);
        worker = new ExporterWorker(watchers, publisher, Mailroom, lifetime, Log);
    }

    public ImmutableArray<Kind> Kinds { get; }

    public Mailroom Mailroom { get; }

    public Readiness Readiness { get; }

    public RecordingLog<ExporterWorker> Log { get; } = new();

    public RecordingLog<KindWatcher> WatchLog { get; } = new();

    public Task StartAsync() => worker.StartAsync(TestContext.Current.CancellationToken);

    public Task StopAsync() => worker.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        worker.Dispose();
        publisher.Dispose();
        endpoint.Dispose();
        telemetry.Dispose();
    }
}

/// <summary>The life of a process that nobody ends.</summary>
internal sealed class TestLifetime : IHostApplicationLifetime
{
    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public bool StopAsked { get; private set; }

    public void StopApplication() => StopAsked = true;
}
