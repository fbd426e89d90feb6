using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Heliograph.Functions;

/// <summary>TLS at an address of the standalone functions, and whose clients may connect at all.</summary>
internal sealed record ServerTls(CertificateFiles? Certificate, Authorities? Clients)
{
    /// <summary>None.</summary>
    public static readonly ServerTls None = new(null, null);

    public static readonly Setting CertificateFileIs = new(
        "Tls__CertificateFile", "The server's certificate, with its chain, as a PEM file; it may be rotated. It goes with an https address to listen at.", "none");

    public static readonly Setting KeyFileIs = new("Tls__KeyFile", "The key of that certificate as a PEM file.", "none");

    public static readonly Setting ClientAuthorityFileIs = new(
        "Tls__ClientAuthorityFile", "The authorities, as a PEM file, of which clients must show a certificate. Then nobody connects without one, probes included: give those Functions__HealthListen.",
        "none: clients need no certificate");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } = [CertificateFileIs, KeyFileIs, ClientAuthorityFileIs];

    public static ServerTls Read(SettingsReader settings, string listen)
    {
        var tls = new ServerTls(CertificateFiles.Read(settings, CertificateFileIs, KeyFileIs), Authorities.Read(settings, ClientAuthorityFileIs));
        var isSecure = listen.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        if (isSecure && tls.Certificate is null)
            settings.Report(CertificateFileIs, $"and {KeyFileIs.Name} must be set, because {FunctionsSettings.ListenAt.Name} is https");
        if (!isSecure && (tls.Certificate is not null || tls.Clients is not null))
            settings.Report(FunctionsSettings.ListenAt, $"is not https, though {CertificateFileIs.Name} or {ClientAuthorityFileIs.Name} is set");
        return tls;
    }

    /// <summary>Sets up an address, where there is a certificate.</summary>
    public void Apply(ListenOptions endpoint)
    {
        if (Certificate is not null)
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Handshake()) });
    }

    private SslServerAuthenticationOptions Handshake()
    {
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = Certificate!.Current() };
        if (Clients is not null)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = Clients.Policy() ?? throw new AuthenticationException("the file of the authorities of clients cannot be read");
        }
        return options;
    }
}
