using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Hosting.Tls;

/// <summary>
/// A certificate and its key in two PEM files that somebody else keeps fresh, such as cert-manager. They are looked at again every ten seconds; while what is there
/// cannot be used, for example because one of the two is new and the other not yet, the last good one stays.
/// </summary>
public sealed class CertificateFiles(string certificateFile, string keyFile, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private sealed record Loaded(string Pem, long At, SslStreamCertificateContext Context);

    private readonly Lock gate = new();
    private Loaded? loaded;

    /// <summary>Reads both files from settings: null where neither is set; one without the other, or what cannot be used, is a problem.</summary>
    public static CertificateFiles? Read(SettingsReader settings, Setting certificate, Setting key)
    {
        switch (settings.Text(certificate), settings.Text(key))
        {
            case (null, null):
                return null;
            case ({ } certificateFile, { } keyFile):
                var files = new CertificateFiles(certificateFile, keyFile, TimeProvider.System);
                if (files.Current() is null)
                    settings.Report(certificate, $"and {key.Name} name {certificateFile} and {keyFile}, which cannot be read or are no certificate and its key in PEM");
                return files;
            default:
                settings.Report(certificate, $"and {key.Name} must be set together");
                return null;
        }
    }

    /// <summary>The certificate with its chain as it is now; null where there never was a good one.</summary>
    public SslStreamCertificateContext? Current()
    {
        lock (gate)
        {
            if (loaded is null || time.GetElapsedTime(loaded.At) >= LookAgain)
                loaded = Load() ?? (loaded is null ? null : loaded with { At = time.GetTimestamp() });
            return loaded?.Context;
        }
    }

    private Loaded? Load()
    {
        try
        {
            var (certificate, key) = (File.ReadAllText(certificateFile), File.ReadAllText(keyFile));
            var pem = certificate + key;
            if (loaded is not null && loaded.Pem == pem)
                return loaded with { At = time.GetTimestamp() };
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            var leaf = X509Certificate2.CreateFromPem(certificate, key);
            return new Loaded(pem, time.GetTimestamp(), SslStreamCertificateContext.Create(leaf, chain, offline: true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
