using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Heliograph.Cluster.Access;

namespace Heliograph.Cluster;

/// <summary>The connections to the API server.</summary>
internal static class Transport
{
    /// <summary>Sets up HTTP/2 over few connections, or HTTP/1.1 over many where a proxy or plain HTTP leaves nothing else.</summary>
    public static SocketsHttpHandler Create(ClusterAccess access)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect would send token and secret to wherever it points.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            // Balances over API servers that come and go; a watch that is open stays where it is.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(4),
            // A connection whose other end is gone without a word is noticed within 30 seconds, even by a watch that has nothing to say.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            SslOptions = Tls(access),
        };
        if (access.Proxy is { } proxy)
            handler.Proxy = new WebProxy(proxy);
        return handler;
    }

    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "The user asked for it, as with every client of Kubernetes.")]
    private static SslClientAuthenticationOptions Tls(ClusterAccess access)
    {
        var options = new SslClientAuthenticationOptions();
        if (access.SkipVerification)
            options.RemoteCertificateValidationCallback = AcceptAnything;
        else if (access.Authorities is { } authorities)
            options.CertificateChainPolicy = Trusting(authorities);
        options.LocalCertificateSelectionCallback = (_, _, _, _, _) => (access.Credential.Certificate ?? access.ClientCertificate)!;
        return options;
    }

    /// <summary>The kubeconfig says <c>insecure-skip-tls-verify: true</c>: the user's own decision.</summary>
    private static bool AcceptAnything(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    /// <summary>Trusts these authorities and no other; the server's name is checked as always.</summary>
    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
