using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Hosting.Tls;

/// <summary>The authorities, in a PEM file, whose certificates are trusted, and no others. The file is read anew on every use: it may be rotated.</summary>
public sealed class Authorities(string file)
{
    /// <summary>The purpose (extended key usage) of a server's certificate; one that names no purpose is good for any.</summary>
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads the file from settings; null where it is not set, and a problem where it cannot be used.</summary>
    public static Authorities? Read(SettingsReader settings, Setting file)
    {
        if (settings.Text(file) is not { } path)
            return null;
        var authorities = new Authorities(path);
        if (authorities.Policy() is null)
            settings.Report(file, $"names {path}, which cannot be read or holds no certificate in PEM");
        return authorities;
    }

    /// <summary>Whether they vouch for a server's certificate, with what it sent along of its chain.</summary>
    /// <param name="shown">The certificate.</param>
    /// <param name="offered">The chain as the connection has it: it holds what lies between.</param>
    public bool VouchFor(X509Certificate2 shown, X509Chain? offered)
    {
        if (Policy() is not { } policy)
            return false;
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (offered is not null)
            policy.ExtraStore.AddRange(offered.ChainPolicy.ExtraStore);
        using var chain = new X509Chain { ChainPolicy = policy };
        return chain.Build(shown);
    }

    /// <summary>How to build a chain; null where the file cannot be read: then nobody is trusted.</summary>
    public X509ChainPolicy? Policy()
    {
        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
        if (trusted.Count == 0)
            return null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }
}
