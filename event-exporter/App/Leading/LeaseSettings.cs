using System.Collections.Immutable;
using Heliograph.Hosting;

namespace Heliograph.Exporter.Leading;

/// <summary>Under which Lease one of several replicas publishes, and who this one is.</summary>
internal sealed record LeaseSettings(string Namespace, string Name, string Identity, TimeSpan Duration)
{
    public static readonly Setting NameIs = new(
        "Lease__Name", "The Lease under which one of several replicas publishes, for example heliograph-exporter. Where it is not set, this one publishes without asking.", "none");

    public static readonly Setting NamespaceIs = new("Lease__Namespace", "The Lease's namespace.", "the pod's own");

    public static readonly Setting IdentityIs = new("Lease__Identity", "The name under which this replica holds the Lease; no two may have the same.", "the name of the host, which is the pod's");

    public static readonly Setting DurationIs = new(
        "Lease__Duration", "How long a Lease is good that is not renewed, hh:mm:ss: so long does it take until another replica takes over from one that died. "
        + "The holder stops publishing after two thirds of it.", "00:00:15");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } = [NameIs, NamespaceIs, IdentityIs, DurationIs];

    /// <summary>How long the holder may fail to renew before it stops publishing. Shorter than the lease, so that nobody else publishes yet.</summary>
    public TimeSpan RenewDeadline => Duration * 2 / 3;

    /// <summary>How often the holder renews, and everybody else looks.</summary>
    public TimeSpan RetryPeriod => Duration * 2 / 15;

    /// <summary>Reads them; what is wrong is reported.</summary>
    /// <returns>Null where there is no lease.</returns>
    public static LeaseSettings? Read(SettingsReader settings)
    {
        if (settings.Text(NameIs) is not { } name)
            return null;
        var ns = settings.Text(NamespaceIs) ?? PodNamespace.Read();
        if (ns is null)
            settings.Report(NamespaceIs, $"must be set, because {NameIs.Name} is and this is no pod");
        return new LeaseSettings(
            ns ?? "", name, settings.Text(IdentityIs) ?? Environment.MachineName,
            settings.Duration(DurationIs, TimeSpan.FromSeconds(15), least: TimeSpan.FromSeconds(3), most: TimeSpan.FromMinutes(5)));
    }

    /// <inheritdoc/>
    public override string ToString() => $"Lease {Namespace}/{Name}";
}
