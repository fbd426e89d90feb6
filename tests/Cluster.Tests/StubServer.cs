using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Heliograph.Cluster.Tests;

/// <summary>
/// A server that answers what a test tells it to, over TLS and HTTP/2 like an API server: for what a real one does not do on demand.
/// </summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TemporaryDirectory directory = new();
    private readonly string authorityPem;

    private StubServer(WebApplication app, string authorityPem)
    {
        this.app = app;
        this.authorityPem = authorityPem;
    }

    public Uri Address => new(app.Urls.Single());

    /// <summary>Starts a server.</summary>
    /// <param name="answer">Answers every request.</param>
    /// <param name="name">The name in its certificate: a DNS name, or else the address it listens on.</param>
    public static async Task<StubServer> StartAsync(RequestDelegate answer, string? name = null)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        var authorityRequest = new CertificateRequest("CN=stub-authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
        var certificate = Issue(authority, name, now);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                    ClientCertificateValidation = (_, _, _) => true,
                });
            });
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new StubServer(app, authority.ExportCertificatePem());
    }

    /// <summary>A client of this server, through a kubeconfig like any other.</summary>
    public KubernetesCluster Connect(string user = "token: a-token", TimeSpan? timeout = null, string cluster = "") => KubernetesCluster.Connect(
        new ClusterOptions { Kubeconfig = Kubeconfig(user, cluster), RequestTimeout = timeout ?? TimeSpan.FromSeconds(20) });

    /// <summary>Writes a kubeconfig.</summary>
    /// <param name="user">The user's settings, as YAML in one line.</param>
    /// <param name="cluster">More settings of the cluster, as YAML in one line.</param>
    public string Kubeconfig(string user, string cluster = "") => directory.Write("kubeconfig", $$$"""
        apiVersion: v1
        kind: Config
        current-context: stub
        contexts: [{name: stub, context: {cluster: stub, user: stub}}]
        clusters: [{name: stub, cluster: {server: "{{{Address}}}", certificate-authority-data: {{{Base64(authorityPem)}}}, {{{cluster}}} }}]
        users: [{name: stub, user: { {{{user}}} }}]
        """);

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        directory.Dispose();
    }

    /// <summary>Answers with JSON.</summary>
    public static Task JsonAsync(HttpContext context, int statusCode, string body)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(text));

    private static X509Certificate2 Issue(X509Certificate2 authority, string? name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stub", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (name is null) names.AddIpAddress(IPAddress.Loopback);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, now.AddMinutes(-1), now.AddHours(12), [1, 2, 3, 4, 5, 6, 7, 8]);
        using var pair = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), null);
    }
}

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("heliograph-test-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
