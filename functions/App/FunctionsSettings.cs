using System.Collections.Immutable;
using Heliograph.Engine;
using Heliograph.Functions.Admission;
using Heliograph.Functions.Entra;
using Heliograph.Hosting;
using Heliograph.Rules;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Heliograph.Functions;

/// <summary>The settings of the function app, validated as a whole at the start.</summary>
internal sealed record FunctionsSettings
{
    public static readonly Setting ListenAt = new(
        "Functions__Listen", "The address to serve HTTP at.", "http://127.0.0.1:7071");

    public static readonly Setting Key = new(
        "Functions__Key", "The key that callers of /api present in the header x-functions-key (or as the query parameter code).", "none: one of both must be set");

    public static readonly Setting KeyFile = new(
        "Functions__KeyFile", "A file that holds the key instead; it is read anew on every use.", "none");

    public static readonly Setting AllowedOrigins = new(
        "Functions__AllowedOrigins", "The origins, a comma list, that may ask by the CloudEvents handshake to deliver events.", "eventgrid.azure.net");

    public static readonly Setting SweepInterval = new(
        "Sweep__Interval", "How often everything is looked at without any event, hh:mm:ss. What that finds to repair is what events have missed.", "00:10:00");

    public static readonly Setting WebhookSecretIs = new(
        "Resync__WebhookSecret", "The secret with which a webhook signs /api/resync: as GitHub (X-Hub-Signature-256) or as GitLab (X-Gitlab-Token).",
        "none: only the key opens");

    public static readonly Setting WebhookSecretFile = new(
        "Resync__WebhookSecretFile", "A file that holds the webhook's secret instead; it is read anew on every use.", "none");

    public static readonly Setting ResyncRate = new(
        "Resync__PerMinute", "How many resyncs an instance begins in a minute, and at once; more are answered 429. Dry runs do not count.", "60");

    public static readonly Setting ExcludedSources = new(
        "Replication__ExcludedSourceNamespaces", "Namespaces whose objects are never sources: a comma list of globs with * and ?.", "none");

    public static readonly Setting ExcludedTargets = new(
        "Replication__ExcludedTargetNamespaces", "Namespaces that pushes leave out: a comma list of anchored regular expressions.", "none");

    public static readonly Setting OnReleaseIs = new(
        "Replication__OnRelease", "What becomes of mirrors that are no longer wanted, where the source does not say: delete or keep.", "delete");

    public static readonly Setting AllowAll = new(
        "Replication__AllowAll", "Whether pulls need no permission of the source: true or false.", "false");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } =
    [
        ListenAt, HealthAddress.ListenAt, Key, KeyFile, AllowedOrigins, SweepInterval, WebhookSecretIs, WebhookSecretFile, ResyncRate, KindSettings.Kubeconfig, KindSettings.Kinds, KindSettings.Additional,
        ExcludedSources, ExcludedTargets, OnReleaseIs, AllowAll, .. InheritanceConfiguration.All, .. EntraSettings.All, .. ServerTls.All, .. AdmissionSettings.All, Observation.OtlpEndpoint, StderrLogging.FormatIs,
    ];

    public required string Listen { get; init; }

    /// <summary>The address of probes and Prometheus alone; null where they are at the first one.</summary>
    public required HealthAddress? Health { get; init; }

    public required SharedKey SharedKey { get; init; }

    public required ImmutableArray<string> Origins { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>The webhook's secret; null where signed requests are not taken.</summary>
    public required SharedKey? WebhookSecret { get; init; }

    public required int ResyncsPerMinute { get; init; }

    /// <summary>Whose tokens are taken; null where none are.</summary>
    public required EntraSettings? Entra { get; init; }

    public required ServerTls Tls { get; init; }

    public required AdmissionSettings Admission { get; init; }

    public required string? Kubeconfig { get; init; }

    public required EngineSettings Engine { get; init; }

    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    public static FunctionsSettings Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var listen = settings.Text(ListenAt) ?? ListenAt.Default;
        var read = new FunctionsSettings
        {
            Listen = settings.Value(ListenAt, IsAddress, "an address such as http://127.0.0.1:7071", ListenAt.Default),
            SharedKey = SharedKey.Read(settings, Key, KeyFile) ?? SharedKey.Of(""),
            Origins = [.. (settings.Text(AllowedOrigins) ?? AllowedOrigins.Default).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            Interval = settings.Duration(SweepInterval, TimeSpan.FromMinutes(10), least: TimeSpan.FromSeconds(10), most: TimeSpan.FromDays(1)),
            WebhookSecret = SharedKey.ReadOptional(settings, WebhookSecretIs, WebhookSecretFile),
            ResyncsPerMinute = settings.Value(ResyncRate, IsRate, "a number from 1 to 6000", 60),
            Entra = EntraSettings.Read(settings),
            Health = HealthAddress.Read(settings, listen, settings.Text(AdmissionSettings.ListenAt)),
            Tls = ServerTls.Read(settings, listen),
            Admission = AdmissionSettings.Read(settings),
            Kubeconfig = settings.Text(KindSettings.Kubeconfig),
            Engine = new EngineSettings
            {
                Kinds = KindSettings.ReadKinds(settings),
                Inheritance = InheritanceConfiguration.Read(settings),
                Rules = new RuleSettings
                {
                    ExcludedSourceNamespaces = GlobList.Parse(settings.Text(ExcludedSources) ?? ""),
                    ExcludedTargetNamespaces = settings.Value<PatternList>(ExcludedTargets, IsPatterns, "a comma list of regular expressions", absent: null!),
                    OnRelease = settings.Value(OnReleaseIs, IsOnRelease, "delete or keep", OnRelease.Delete),
                    AllowAll = settings.Boolean(AllowAll, absent: false),
                },
            },
        };
        StderrLogging.Check(settings);
        settings.ThrowIfInvalid();
        return read;
    }

    /// <summary>The addresses to listen at.</summary>
    public string[] Addresses => [.. ((string?[])[Listen, Admission.Listen?.OriginalString, Health?.Listen.OriginalString]).OfType<string>()];

    /// <summary>What TLS there is at one of them.</summary>
    public ServerTls TlsAt(ListenOptions endpoint) =>
        Admission.IsAt(endpoint) ? Admission.Tls : Health?.IsAt(endpoint) == true ? ServerTls.None : Tls;

    private static bool IsAddress(string text, out string? value)
    {
        value = text;
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
    }

    private static bool IsRate(string text, out int value) => int.TryParse(text, out value) && value is >= 1 and <= 6000;

    private static bool IsPatterns(string text, out PatternList? value) => (value = PatternList.Parse(text, out _)) is not null;

    private static bool IsOnRelease(string text, out OnRelease value) => Enum.TryParse(text, ignoreCase: true, out value) && !int.TryParse(text, out _);
}
