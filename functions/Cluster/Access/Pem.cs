using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Heliograph.Cluster.Access;

/// <summary>Certificates and keys from PEM, wherever they come from.</summary>
internal static class Pem
{
    /// <summary>Reads all certificates: a bundle holds several while an authority is exchanged.</summary>
    /// <param name="bytes">PEM, or one certificate in DER.</param>
    /// <param name="what">Where it stands, for the sentence.</param>
    public static X509Certificate2Collection Certificates(byte[] bytes, string what)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.ASCII.GetString(bytes));
            if (certificates.Count == 0)
                certificates.Add(X509CertificateLoader.LoadCertificate(bytes));
            return certificates;
        }
        catch (CryptographicException)
        {
            throw new ClusterConfigurationException($"{what} holds no certificate; it must hold PEM that begins with -----BEGIN CERTIFICATE-----.");
        }
    }

    /// <summary>Reads a certificate with its key.</summary>
    public static X509Certificate2 WithKey(string certificate, string key, string what)
    {
        try
        {
            var pair = X509Certificate2.CreateFromPem(certificate, key);
            if (!OperatingSystem.IsWindows())
                return pair;
            // Windows' TLS takes no keys that live in memory only.
            using (pair)
                return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), password: null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ClusterConfigurationException($"{what} are no certificate and key in PEM that belong together.");
        }
    }
}
