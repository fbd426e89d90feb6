using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Bus.Tests.Tls;

/// <summary>An authority of its own, and files of certificates by it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 authority;
    private readonly string directory = Directory.CreateTempSubdirectory("heliograph-tls-").FullName;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(File_("authority"), authority.ExportCertificatePem());
    }

    public string Authority => File_("authority");

    /// <summary>Writes a certificate for this machine and its key, over what was there.</summary>
    /// <returns>The serial number.</returns>
    public string Issue(string name, string host = "localhost", DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost")
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-30), until ?? DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(15));
        File.WriteAllText(Certificate(name), certificate.ExportCertificatePem());
        File.WriteAllText(Key(name), key.ExportPkcs8PrivateKeyPem());
        return certificate.SerialNumber;
    }

    public string Certificate(string name) => File_(name + ".crt");

    public string Key(string name) => File_(name + ".key");

    public void Dispose()
    {
        authority.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private string File_(string name) => Path.Combine(directory, name);
}
