using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Heliograph.Topics;
using Heliograph.Functions.Tests.Events;
using Heliograph.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Heliograph.Bus.Tests.EndToEnd;

/// <summary>From a change in a real cluster to the mirror, through each bus, by the real programs.</summary>
[Collection(nameof(RealCluster))]
public sealed class WayTests(RealCluster cluster, Storage storage)
{
    private const int Namespaces = 3;

    private (string Name, string Value) Kubeconfig => ("Kubernetes__Kubeconfig", cluster.Kubeconfig);

    [Fact]
    public async Task Through_a_queue()
    {
        var queue = storage.NewQueue();
        await using var functions = await RunningProgram.FunctionsAsync([Kubeconfig, .. Settings(queue)]);
        await using var exporter = await RunningProgram.ExporterAsync([Kubeconfig, ("Bus__Transport", "queue"), .. Settings(queue)]);

        await ChangesArriveAsync("queue", exporter);
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
    }

    [Fact]
    public async Task Through_a_topic_and_a_queue_although_everything_comes_twice_and_in_disorder()
    {
        var queue = storage.NewQueue();
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Time = new FastTime(3) });
        await Messages.In(queue).CreateAsync();
        var subscription = topic.Subscribe("to-queue", text => Messages.In(queue).PutAsync(text), twice: true);
        await using var functions = await RunningProgram.FunctionsAsync([Kubeconfig, .. Settings(queue)]);
        await using var exporter = await RunningProgram.ExporterAsync(
            Kubeconfig, ("Bus__Transport", "eventgrid"), ("EventGrid__Endpoint", topic.Endpoint.ToString()), ("EventGrid__Key", "an-access-key"));

        await ChangesArriveAsync("topicqueue", exporter);
        Assert.Empty(topic.Refusals);
        Assert.Empty(subscription.DeadLetters);
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
    }

    [Theory]
    [InlineData("single", 1)]
    [InlineData("batch", 50)]
    public async Task Through_a_topic_and_a_webhook(string test, int batch)
    {
        await using var functions = await RunningProgram.FunctionsAsync(Kubeconfig);
        await functions.BecomesReadyAsync();
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Time = new FastTime(3) });
        var subscription = await topic.SubscribeAsync(new WebhookDestination("to-webhook", new Uri(functions.Address, "/api/events?code=k"), batch), twice: true);
        await using var exporter = await RunningProgram.ExporterAsync(
            Kubeconfig, ("Bus__Transport", "eventgrid"), ("EventGrid__Endpoint", topic.Endpoint.ToString()), ("EventGrid__Key", "an-access-key"));

        await ChangesArriveAsync($"webhook{test}", exporter);
        Assert.Empty(topic.Refusals);
        Assert.Empty(subscription.DeadLetters);
        Assert.Contains(subscription.Answers, answer => answer.Status == 204);
    }

    [Fact]
    public async Task Into_a_topic_with_the_identity_of_the_process_and_over_tls()
    {
        using var certificate = SelfSigned(out var authority);
        await using var identity = await StartIdentityAsync("a-token");
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Certificate = certificate, Token = "a-token" });
        try
        {
            await using var exporter = await RunningProgram.ExporterAsync(
                Kubeconfig, ("Bus__Transport", "eventgrid"), ("EventGrid__Endpoint", topic.Endpoint.ToString()), ("SSL_CERT_FILE", authority),
                ("IDENTITY_ENDPOINT", new Uri(new Uri(identity.Urls.First()), "/token").ToString()), ("IDENTITY_HEADER", "the-header"));

            await exporter.BecomesReadyAsync();

            Assert.Equal("dev.heliograph.sync.completed", Assert.Single(topic.Taken, told => told.Type.Contains("sync", StringComparison.Ordinal)).Type);
            Assert.Empty(topic.Refusals);
        }
        finally
        {
            File.Delete(authority);
        }
    }

    [Fact]
    public async Task Functions_that_are_killed_in_the_middle_leave_their_message_to_others()
    {
        await cluster.NamespacesAsync("killed", Namespaces);
        await cluster.PutSourceAsync("killed", "registry", "first");
        var queue = storage.NewQueue();
        await Messages.In(queue).CreateAsync();
        // An API server that takes connections and never answers: whoever asks it is in the middle of his work.
        using var silence = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silence.Start();
        var stuck = cluster.ControlPlane.AdminKubeconfigVia(new Uri($"https://127.0.0.1:{((IPEndPoint)silence.LocalEndpoint).Port}"));
        await using var first = await RunningProgram.FunctionsAsync([("Kubernetes__Kubeconfig", stuck), .. Settings(queue)]);
        await Messages.In(queue).PutEventAsync(CloudEventText.Of(CloudEventText.SourceChanged("Secret", "killed-origin", "registry")));
        using var asked = await silence.AcceptSocketAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await Messages.In(queue).TakeAllAsync());

        await first.KillAsync();
        Assert.Equal(1, await Messages.In(queue).CountAsync());
        await using var second = await RunningProgram.FunctionsAsync([Kubeconfig, .. Settings(queue)]);

        await cluster.IsMirroredAsync("killed", Namespaces, "registry", "first");
        await Eventually.IsAsync(async () => await Messages.In(queue).CountAsync() == 0, "the message is deleted");
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
        Assert.Equal(0, await second.StopAsync());
    }

    /// <summary>A source comes, changes, and goes; its mirrors follow.</summary>
    private async Task ChangesArriveAsync(string test, RunningProgram exporter)
    {
        await cluster.NamespacesAsync(test, Namespaces);
        await exporter.BecomesReadyAsync();
        await cluster.PutSourceAsync(test, "registry", "first");
        await cluster.IsMirroredAsync(test, Namespaces, "registry", "first");
        await cluster.PutSourceAsync(test, "registry", "second");
        await cluster.IsMirroredAsync(test, Namespaces, "registry", "second");
        await cluster.CreateNamespaceAsync($"{test}-{Namespaces}");
        await cluster.IsMirroredAsync(test, Namespaces + 1, "registry", "second");
        await cluster.DeleteSourceAsync(test, "registry");
        await cluster.IsMirroredAsync(test, Namespaces + 1, "registry", null);
    }

    private static (string Name, string Value)[] Settings(QueueSettings queue) =>
        [("Queue__Name", queue.Name), ("Queue__ConnectionString", queue.Connection!), ("Queue__VisibilityTimeout", "00:00:02"), ("Queue__PollInterval", "00:00:00.1")];

    /// <summary>What App Service and Container Apps give a process that has an identity.</summary>
    private static async Task<WebApplication> StartIdentityAsync(string token)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(context =>
        {
            var isGood = context.Request.Headers["X-IDENTITY-HEADER"] == "the-header" && context.Request.Query["resource"] == "https://eventgrid.azure.net";
            context.Response.StatusCode = isGood ? 200 : 400;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(isGood
                ? $$"""{"access_token":"{{token}}","expires_on":"4102444800","resource":"https://eventgrid.azure.net","token_type":"Bearer"}"""
                : """{"statusCode":400,"message":"no identity"}""");
        });
        await app.StartAsync();
        return app;
    }

    private static X509Certificate2 SelfSigned(out string authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=topic", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        authority = Path.GetTempFileName();
        File.WriteAllText(authority, certificate.ExportCertificatePem());
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
