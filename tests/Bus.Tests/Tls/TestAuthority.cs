using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Bus.Tests.Tls;

/// <summary>An authority of its own, or one below another, and files of certificates by it.</summary>
internal sealed class TestAuthority : IDisposable
{
    public const string ForServers = "1.3.6.1.5.5.7.3.1";
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 authority;
    private readonly bool isBelow;
    private readonly string directory = Directory.CreateTempSubdirectory("heliograph-tls-").FullName;

    public TestAuthority(TestAuthority? above = null)
    {
        isBelow = above is not null;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(isBelow ? "CN=test authority below" : "CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, isBelow ? 0 : 1, true));
        // As every authority does: by its key one is told from another of the same name.
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (above is null)
        {
            authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        }
        else
        {
            using var signed = request.Create(above.authority, DateTimeOffset.UtcNow.AddMinutes(-59), DateTimeOffset.UtcNow.AddHours(20), RandomNumberGenerator.GetBytes(15));
            authority = signed.CopyWithPrivateKey(key);
        }
        Publish(this);
    }

    public string Authority => File_("authority");

    /// <summary>Writes whom those trust who read the file of this authority, over what was there.</summary>
    public void Publish(params TestAuthority[] trusted) =>
        File.WriteAllText(Authority, string.Join('\n', trusted.Select(one => one.authority.ExportCertificatePem())));

    /// <summary>Writes a certificate for this machine and its key, over what was there.</summary>
    /// <param name="name">What it and its files are called.</param>
    /// <param name="host">For which host it is.</param>
    /// <param name="until">When it ends.</param>
    /// <param name="purpose">What it may be used for; null for anything.</param>
    /// <returns>The serial number.</returns>
    public string Issue(string name, string host = "localhost", DateTimeOffset? until = null, string? purpose = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost")
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (purpose is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-30), until ?? DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(15));
        File.WriteAllText(Certificate(name), certificate.ExportCertificatePem() + (isBelow ? "\n" + authority.ExportCertificatePem() : ""));
        File.WriteAllText(Key(name), key.ExportPkcs8PrivateKeyPem());
        return certificate.SerialNumber;
    }

    public string Certificate(string name) => File_(name + ".crt");

    public string Key(string name) => File_(name + ".key");

    /// <summary>Puts the files of a certificate of another authority in the place of ours, as cert-manager does when a Secret changes.</summary>
    public void Take(TestAuthority other, string name)
    {
        File.Copy(other.Certificate(name), Certificate(name), overwrite: true);
        File.Copy(other.Key(name), Key(name), overwrite: true);
    }

    public void Dispose()
    {
        authority.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private string File_(string name) => Path.Combine(directory, name);
}
