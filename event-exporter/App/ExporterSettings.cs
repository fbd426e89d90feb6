using System.Collections.Immutable;
using Heliograph.Exporter.Leading;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Configuration;

namespace Heliograph.Exporter;

/// <summary>The settings of the exporter, validated as a whole at the start.</summary>
internal sealed record ExporterSettings
{
    public static readonly Setting ClusterNameIs = new(
        "Exporter__ClusterName", "The cluster's name in the source of events, /clusters/<name>/exporter.", "default");

    public static readonly Setting ListenAt = new(
        "Exporter__Listen", "The address to serve /healthz and /readyz at.", "http://0.0.0.0:8080");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } =
        [.. BusSettings.All, .. LeaseSettings.All, ClusterNameIs, ListenAt, KindSettings.Kubeconfig, KindSettings.Kinds, KindSettings.Additional, KindSettings.Inheritance, Observation.OtlpEndpoint, StderrLogging.FormatIs];

    public required BusSettings Bus { get; init; }

    /// <summary>The Lease to publish under; null for a single replica.</summary>
    public LeaseSettings? Lease { get; init; }

    public required string ClusterName { get; init; }

    public required string Listen { get; init; }

    public required string? Kubeconfig { get; init; }

    /// <summary>The kinds served, without namespaces, which are watched always.</summary>
    public required ImmutableArray<Kind> Kinds { get; init; }

    /// <summary>Whether namespaces have parents.</summary>
    public bool Inherits { get; init; }

    /// <summary>Everything that is watched: the kinds served, the namespaces, and where inheritance is on, what their tree is made of.</summary>
    public ImmutableArray<Kind> Watched =>
        [.. Kinds, Model.Kinds.Namespace, .. Inherits ? Tree.Where(kind => !Kinds.Any(served => served.Name == kind.Name)) : []];

    /// <summary>The kinds of a tree. Of the resource quotas only those by which namespaces of a tree are limited are asked for.</summary>
    private static ImmutableArray<Kind> Tree { get; } =
        [.. Model.Kinds.Inheritance, Model.Kinds.ResourceQuota with { FieldSelector = "metadata.name=" + Vocabulary.Hnc.Quota }];

    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    public static ExporterSettings Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var read = new ExporterSettings
        {
            Bus = BusSettings.Read(settings),
            Lease = LeaseSettings.Read(settings),
            ClusterName = settings.Text(ClusterNameIs) ?? ClusterNameIs.Default,
            Listen = settings.Value(ListenAt, IsListenable, "an http address such as http://0.0.0.0:8080", ListenAt.Default),
            Kubeconfig = settings.Text(KindSettings.Kubeconfig),
            Kinds = KindSettings.ReadKinds(settings),
            Inherits = settings.Boolean(KindSettings.Inheritance, absent: false),
        };
        StderrLogging.Check(settings);
        settings.ThrowIfInvalid();
        return read;
    }

    private static bool IsListenable(string text, out string? address)
    {
        address = text;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http";
    }
}
