using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Heliograph.ControlPlane;

/// <summary>The little this library asks of the API server: whether it is ready, whether an object is there, a token.</summary>
internal sealed class ApiClient(HttpClient client) : IDisposable
{
    /// <summary>A client that trusts one authority and shows one token.</summary>
    public static HttpClient Create(Uri address, string authorityPem, string? token)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authorityPem));
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = address,
            DefaultRequestVersion = address.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            Timeout = TimeSpan.FromSeconds(30),
        };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Whether a GET of this path answers 200; nobody there yet is a no.</summary>
    public async Task<bool> AnswersAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A token for a ServiceAccount, from the TokenRequest API.</summary>
    public async Task<string> RequestTokenAsync(string @namespace, string name, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var seconds = (long)lifetime.TotalSeconds;
        using var body = new StringContent(
            $$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":{{{seconds}}}}}""",
            Encoding.UTF8,
            "application/json");
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(@namespace)}/serviceaccounts/{Uri.EscapeDataString(name)}/token";
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), body, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw new ControlPlaneException($"there is no ServiceAccount {@namespace}/{name}: create it before asking for its kubeconfig.");
        using var answer = await JsonDocument.ParseAsync(stream, default, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var reason = answer.RootElement.TryGetProperty("message", out var message) ? message.GetString() : null;
            throw new ControlPlaneException($"no token for ServiceAccount {@namespace}/{name}: {(int)response.StatusCode} {reason}");
        }

        return answer.RootElement.GetProperty("status").GetProperty("token").GetString()
            ?? throw new ControlPlaneException($"no token for ServiceAccount {@namespace}/{name}: the answer holds none.");
    }

    public void Dispose() => client.Dispose();
}
