using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Configuration;

namespace Heliograph.Exporter;

/// <summary>The settings of the exporter, validated as a whole at the start.</summary>
internal sealed record ExporterSettings
{
    public static readonly Setting EndpointIs = new(
        "Exporter__Endpoint", "Where events go: the address of the functions' /api/events, or of anything that takes CloudEvents over HTTP.", "none: it must be set");

    public static readonly Setting Key = new(
        "Exporter__Key", $"The key to present there in the header {SharedKey.HeaderName}.", "none: one of both must be set");

    public static readonly Setting KeyFile = new(
        "Exporter__KeyFile", "A file that holds the key instead; it is read anew on every use.", "none");

    public static readonly Setting ClusterNameIs = new(
        "Exporter__ClusterName", "The cluster's name in the source of events, /clusters/<name>/exporter.", "default");

    public static readonly Setting ListenAt = new(
        "Exporter__Listen", "The address to serve /healthz and /readyz at.", "http://0.0.0.0:8080");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } =
        [EndpointIs, Key, KeyFile, ClusterNameIs, ListenAt, KindSettings.Kubeconfig, KindSettings.Kinds];

    public required Uri Endpoint { get; init; }

    public required SharedKey SharedKey { get; init; }

    public required string ClusterName { get; init; }

    public required string Listen { get; init; }

    public required string? Kubeconfig { get; init; }

    /// <summary>The kinds served, without namespaces, which are watched always.</summary>
    public required ImmutableArray<Kind> Kinds { get; init; }

    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    public static ExporterSettings Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        if (settings.Text(EndpointIs) is null)
            settings.Report(EndpointIs, "must be set, for example to http://heliograph-functions.heliograph/api/events");
        var read = new ExporterSettings
        {
            Endpoint = settings.Value<Uri>(EndpointIs, IsHttp, "an http or https address", absent: null!),
            SharedKey = SharedKey.Read(settings, Key, KeyFile) ?? SharedKey.Of(""),
            ClusterName = settings.Text(ClusterNameIs) ?? ClusterNameIs.Default,
            Listen = settings.Value(ListenAt, IsListenable, "an http address such as http://0.0.0.0:8080", ListenAt.Default),
            Kubeconfig = settings.Text(KindSettings.Kubeconfig),
            Kinds = KindSettings.ReadKinds(settings),
        };
        settings.ThrowIfInvalid();
        return read;
    }

    private static bool IsHttp(string text, out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https";

    private static bool IsListenable(string text, out string? address)
    {
        address = text;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http";
    }
}
