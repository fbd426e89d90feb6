using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Cluster.Access;

/// <summary>Where the API server is, how it proves itself, and who we are to it.</summary>
internal sealed class ClusterAccess : IDisposable
{
    /// <summary>The server's address, perhaps with a path below which the API lies.</summary>
    public required Uri Server { get; init; }

    /// <summary>The authorities that may vouch for the server; null for those of the operating system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Whether the user asked not to check the server's certificate.</summary>
    public bool SkipVerification { get; init; }

    /// <summary>The name that the server's certificate must bear, where it is not the one in the address.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy to use; null for the one that the environment names, if any.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The client certificate of the kubeconfig.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The namespace that is meant where none is named: the context's, the pod's; empty where nothing is said.</summary>
    public string Namespace { get; init; } = "";

    public Credential Credential { get; init; } = FixedCredential.None;

    /// <summary>Headers that go with every request: impersonation.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public void Dispose()
    {
        Credential.Dispose();
        ClientCertificate?.Dispose();
    }
}
