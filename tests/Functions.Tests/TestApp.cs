using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text;
using Heliograph.Engine;
using Heliograph.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Heliograph.Functions.Tests;

/// <summary>The function app as it is, over HTTP on a port of its own, on a cluster in memory.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    public const string Key = "the-key";

    private readonly WebApplication app;
    private readonly Measurements measurements;

    private TestApp(WebApplication app, TestCluster cluster, TestLog log)
    {
        this.app = app;
        Cluster = cluster;
        Log = log;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Http.DefaultRequestHeaders.Add(SharedKey.HeaderName, Key);
        // Where nothing else is said, the outcome of a resync is waited for.
        Http.DefaultRequestHeaders.Add("Prefer", "wait=60");
        measurements = new Measurements(app.Services.GetRequiredService<Telemetry>());
    }

    public TestCluster Cluster { get; }

    public TestLog Log { get; }

    /// <summary>A client that presents the key.</summary>
    public HttpClient Http { get; }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestApp> StartAsync(TimeProvider? time = null, params string[] settings)
    {
        time ??= TimeProvider.System;
        var cluster = new TestCluster(time);
        var log = new TestLog();
        string[] key = settings.Any(setting => setting.StartsWith("--Functions:Key", StringComparison.Ordinal)) ? [] : [$"--Functions:Key={Key}"];
        var app = FunctionsApp.Build([.. key, "--Functions:Listen=http://127.0.0.1:0", .. settings], services =>
        {
            services.AddSingleton<ICluster>(cluster);
            services.AddSingleton<IPermissions>(cluster);
            services.AddSingleton(time);
            services.AddSingleton<ILoggerProvider>(log);
        });
        await app.StartAsync(Cancellation);
        return new TestApp(app, cluster, log);
    }

    public async ValueTask DisposeAsync()
    {
        measurements.Dispose();
        Http.Dispose();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    public T Part<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <inheritdoc cref="Measurements.Now"/>
    public IReadOnlyDictionary<string, long> Measure() => measurements.Now();

    public Task<HttpResponseMessage> PostAsync(string path, string body = "", string contentType = "application/cloudevents+json", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return Http.SendAsync(request, Cancellation);
    }

    /// <summary>A GET's status and text.</summary>
    public async Task<(int Status, string Text)> GetAsync(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        using var response = await Http.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}

/// <summary>What an app's meter says, to somebody who began to collect after its start.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, long> measured = new();

    public Measurements(Telemetry telemetry)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (telemetry.Owns(instrument.Meter))
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            measured[$"{instrument.Name}{string.Concat(tags.ToArray().Select(tag => $" {tag.Key}={tag.Value}"))}"] = value);
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    /// <summary>Every series as <c>name tag=value</c>.</summary>
    public IReadOnlyDictionary<string, long> Now()
    {
        listener.RecordObservableInstruments();
        return measured;
    }
}

/// <summary>Waits for what happens beside the caller.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task IsAsync(Func<bool> condition, string what) => IsAsync(() => Task.FromResult(condition()), what);

    public static async Task IsAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"did not come about: {what}");
            await Task.Delay(5, CancellationToken.None);
        }
    }
}
