using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Heliograph.Queues;

namespace Heliograph.Exporter;

/// <summary>Where events go, and how one gets in there: one of the transports, with the settings that it needs.</summary>
internal abstract record BusSettings
{
    public static readonly Setting Transport = new(
        "Bus__Transport", "How events go out: http (to Exporter__Endpoint), eventgrid (to the topic EventGrid__Endpoint) or queue (to the storage queue Queue__Name).", "http");

    public static readonly Setting EndpointIs = new(
        "Exporter__Endpoint", "Where events go over HTTP: the address of the functions' /api/events, or of anything that takes CloudEvents.", "none: http needs it");

    public static readonly Setting Key = new(
        "Exporter__Key", $"The key to present there in the header {SharedKey.HeaderName}.", "none: http needs one of both");

    public static readonly Setting KeyFile = new(
        "Exporter__KeyFile", "A file that holds the key instead; it is read anew on every use.", "none");

    public static readonly Setting TopicIs = new(
        "EventGrid__Endpoint", "The endpoint of the Event Grid topic, whose input schema must be CloudEvents 1.0.", "none: eventgrid needs it");

    public static readonly Setting TopicKey = new(
        "EventGrid__Key", "An access key of the topic. Without it the identity of the process is used: a workload's, a managed one, or AZURE_CLIENT_SECRET's.", "none");

    public static readonly Setting TopicKeyFile = new(
        "EventGrid__KeyFile", "A file that holds the access key instead; it is read anew on every use.", "none");

    public static readonly Setting AuthorityFile = new(
        "Exporter__AuthorityFile", "The authorities, as a PEM file, by which the endpoint's certificate must be; it may be rotated.", "none: those that the system trusts");

    public static readonly Setting CertificateFileIs = new(
        "Exporter__CertificateFile", "The certificate, as a PEM file, to show to an endpoint that asks for one; it may be rotated.", "none");

    public static readonly Setting CertificateKeyFile = new("Exporter__CertificateKeyFile", "The key of that certificate as a PEM file.", "none");

    private BusSettings()
    {
    }

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } =
        [Transport, EndpointIs, Key, KeyFile, AuthorityFile, CertificateFileIs, CertificateKeyFile, TopicIs, TopicKey, TopicKeyFile, .. QueueSettings.All];

    /// <summary>Whether the other end is known only by an authority that the operating system trusts.</summary>
    public virtual bool NeedsSystemAuthorities => true;

    /// <summary>Plain HTTP, or with TLS.</summary>
    public sealed record Http(Uri Endpoint, SharedKey SharedKey) : BusSettings
    {
        /// <summary>Who vouches for the endpoint; null for the authorities that the system trusts.</summary>
        public Authorities? Authorities { get; init; }

        /// <inheritdoc/>
        public override bool NeedsSystemAuthorities => Endpoint.Scheme == Uri.UriSchemeHttps && Authorities is null;

        /// <summary>What we show to the endpoint.</summary>
        public CertificateFiles? Certificate { get; init; }
    }

    /// <summary>A topic of Event Grid; entered with an access key, or without one with the identity of the process.</summary>
    public sealed record EventGrid(Uri Topic, SharedKey? SharedKey) : BusSettings;

    /// <summary>A storage queue.</summary>
    public sealed record Queue(QueueSettings Settings) : BusSettings;

    /// <summary>Reads the settings of the transport that is chosen; what is wrong is reported, and then what is returned is not to be used.</summary>
    public static BusSettings Read(SettingsReader settings) => (settings.Text(Transport) ?? Transport.Default).ToLowerInvariant() switch
    {
        "http" => ReadHttp(settings),
        "eventgrid" => ReadEventGrid(settings),
        "queue" => ReadQueue(settings),
        var other => Wrong(settings, other),
    };

    private static Http ReadHttp(SettingsReader settings)
    {
        if (settings.Text(EndpointIs) is null)
            settings.Report(EndpointIs, "must be set, for example to http://heliograph-functions.heliograph/api/events");
        var http = new Http(
            settings.Value<Uri>(EndpointIs, IsHttp, "an http or https address", absent: null!),
            SharedKey.Read(settings, Key, KeyFile) ?? SharedKey.Of(""))
        {
            Authorities = Authorities.Read(settings, AuthorityFile),
            Certificate = CertificateFiles.Read(settings, CertificateFileIs, CertificateKeyFile),
        };
        if (http.Endpoint?.Scheme == Uri.UriSchemeHttp && (http.Authorities is not null || http.Certificate is not null))
            settings.Report(EndpointIs, $"is not https, though {AuthorityFile.Name} or {CertificateFileIs.Name} is set");
        return http;
    }

    private static EventGrid ReadEventGrid(SettingsReader settings)
    {
        if (settings.Text(TopicIs) is null)
            settings.Report(TopicIs, $"must be set, because {Transport.Name} is eventgrid; for example to https://topic.westeurope-1.eventgrid.azure.net/api/events");
        var isKeyed = settings.Text(TopicKey) is not null || settings.Text(TopicKeyFile) is not null;
        return new EventGrid(
            settings.Value<Uri>(TopicIs, SafeAddress.TryParse, "an https address", absent: null!),
            isKeyed ? SharedKey.Read(settings, TopicKey, TopicKeyFile) : null);
    }

    private static Queue ReadQueue(SettingsReader settings)
    {
        if (settings.Text(QueueSettings.NameIs) is null)
            settings.Report(QueueSettings.NameIs, $"must be set, because {Transport.Name} is queue");
        return new Queue(QueueSettings.Read(settings)!);
    }

    private static Http Wrong(SettingsReader settings, string transport)
    {
        settings.Report(Transport, $"is \"{transport}\", which is not http, eventgrid or queue");
        return new Http(null!, SharedKey.Of(""));
    }

    private static bool IsHttp(string text, out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https";
}
