using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Heliograph.ControlPlane.Tests;

/// <summary>One control plane for a whole class of tests, and the few requests they make of it.</summary>
public sealed class RunningControlPlane : IAsyncLifetime
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public LocalControlPlane ControlPlane { get; private set; } = null!;
    public HttpClient Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        ControlPlane = await LocalControlPlane.StartAsync(cancellationToken: Stop);
        Admin = ControlPlane.CreateAdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await ControlPlane.DisposeAsync();
    }

    /// <summary>A namespace for one test.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        var name = "t-" + Guid.NewGuid().ToString("N")[..12];
        await CreateAsync("/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}""");
        return name;
    }

    public async Task CreateAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Admin.PostAsync(new Uri(path, UriKind.Relative), content, Stop);
        var answer = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, $"POST {path}: {response.StatusCode} {answer}");
    }

    public async Task DeleteAsync(string path)
    {
        using var response = await Admin.DeleteAsync(new Uri(path, UriKind.Relative), Stop);
        Assert.True(response.IsSuccessStatusCode, $"DELETE {path}: {response.StatusCode}");
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        var json = await Admin.GetStringAsync(new Uri(path, UriKind.Relative), Stop);
        return JsonDocument.Parse(json).RootElement;
    }

    public Task<HttpResponseMessage> AnswerAsync(string path) => Admin.GetAsync(new Uri(path, UriKind.Relative), Stop);

    /// <summary>A client built from nothing but what a kubeconfig says.</summary>
    public static HttpClient ClientOf(string kubeconfig)
    {
        var lines = File.ReadAllLines(kubeconfig).Select(line => line.Trim(' ', '-').Split(": ", 2)).Where(line => line.Length == 2)
            .GroupBy(line => line[0]).ToDictionary(group => group.Key, group => group.First()[1].Trim('"'));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Decoded(lines["certificate-authority-data"])));
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        if (lines.TryGetValue("client-certificate-data", out var certificate))
        {
            var identity = X509Certificate2.CreateFromPem(Decoded(certificate), Decoded(lines["client-key-data"]));
            handler.SslOptions.ClientCertificates = [identity];
        }


        var client = new HttpClient(handler) { BaseAddress = new Uri(lines["server"]) };
        var token = lines.TryGetValue("tokenFile", out var file) ? File.ReadAllText(file) : lines.GetValueOrDefault("token");
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static string Decoded(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
