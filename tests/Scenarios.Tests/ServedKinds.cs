using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Configuration;

namespace Heliograph.Scenarios.Tests;

/// <summary>The kinds that are served in every scenario: all of the table, and two that only the configuration knows.</summary>
internal static class ServedKinds
{
    public static ImmutableArray<Kind> All { get; } = Read();

    /// <summary>Those that the table does not know.</summary>
    public static IEnumerable<Kind> Additional => All.Except(Kinds.All);

    private static ImmutableArray<Kind> Read()
    {
        var settings = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [KindSettings.Kinds.Key] = string.Join(',', Kinds.All),
            [KindSettings.Additional.Key] =
                """
                [{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "plural": "networkpolicies", "copy": ["spec"]},
                 {"apiVersion": "example.com/v1alpha1", "kind": "Widget", "plural": "widgets", "copy": ["spec", "parameters/*"]}]
                """,
        }).Build());
        var kinds = KindSettings.ReadKinds(settings);
        settings.ThrowIfInvalid();
        return kinds;
    }
}
