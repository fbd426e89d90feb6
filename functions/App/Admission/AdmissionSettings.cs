using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Heliograph.Functions.Admission;

/// <summary>How API servers reach the admission endpoint, and whose requests it lets pass.</summary>
internal sealed record AdmissionSettings
{
    /// <summary>Where nothing is known: the namespace of our manifests.</summary>
    private const string UsualNamespace = "heliograph";

    public static readonly Setting ListenAt = new(
        "Admission__Listen", "A second address, https, for API servers, which speak nothing else to webhooks; for example https://0.0.0.0:8443.",
        "none: /api/admission is at the first address only");

    public static readonly Setting CertificateFileIs = new(
        "Admission__CertificateFile", "The certificate for that address, with its chain, as a PEM file; it may be rotated.", "none");

    public static readonly Setting KeyFileIs = new("Admission__CertificateKeyFile", "The key of that certificate as a PEM file.", "none");

    public static readonly Setting ClientAuthorityFileIs = new(
        "Admission__ClientAuthorityFile", "The authorities, as a PEM file, of which whoever connects to that address must show a certificate. API servers show one only where they are told to.",
        "none: nobody needs one");

    public static readonly Setting RequireKeyIs = new(
        "Admission__RequireKey", "Whether /api/admission wants the key as well. API servers present one (as a bearer token) only where they are told to.", "false");

    public static readonly Setting OwnNamespaceIs = new(
        "Admission__OwnNamespace", "The namespace whose service accounts are our own: they write what nobody else may.", "the pod's own, or heliograph");

    /// <summary>What only a program with an address of its own reads.</summary>
    public static ImmutableArray<Setting> OfAddress { get; } = [ListenAt, CertificateFileIs, KeyFileIs, ClientAuthorityFileIs];

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } = [.. OfAddress, RequireKeyIs, OwnNamespaceIs];

    /// <summary>The second address; null where there is none.</summary>
    public Uri? Listen { get; private init; }

    /// <summary>TLS at the second address.</summary>
    public ServerTls Tls { get; private init; } = ServerTls.None;

    public bool RequiresKey { get; private init; }

    public string OwnNamespace { get; private init; } = UsualNamespace;

    public static AdmissionSettings Read(SettingsReader settings)
    {
        var read = new AdmissionSettings
        {
            Listen = settings.Value<Uri>(ListenAt, IsSecure, "an address such as https://0.0.0.0:8443", absent: null!),
            Tls = new ServerTls(CertificateFiles.Read(settings, CertificateFileIs, KeyFileIs), Authorities.Read(settings, ClientAuthorityFileIs)),
            RequiresKey = settings.Boolean(RequireKeyIs, absent: false),
            OwnNamespace = settings.Text(OwnNamespaceIs) ?? PodNamespace.Read() ?? UsualNamespace,
        };
        if (settings.Text(ListenAt) is not null && read.Tls.Certificate is null)
            settings.Report(CertificateFileIs, $"and {KeyFileIs.Name} must be set, because {ListenAt.Name} is");
        if (settings.Text(ListenAt) is null && read.Tls != ServerTls.None)
            settings.Report(ListenAt, $"is not set, though {CertificateFileIs.Name} or {ClientAuthorityFileIs.Name} is");
        return read;
    }

    /// <summary>Whether an endpoint is the second address.</summary>
    public bool IsAt(ListenOptions endpoint) => Listen is not null && endpoint.IPEndPoint?.Port == Listen.Port;

    private static bool IsSecure(string text, out Uri? value) => Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme == Uri.UriSchemeHttps;
}
