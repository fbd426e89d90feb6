using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Hosting;

/// <summary>The settings that exporter and functions must agree on.</summary>
public static class KindSettings
{
    /// <summary>Which kinds are served.</summary>
    public static Setting Kinds { get; } = new(
        "Replication__Kinds", "The kinds to serve, a comma list. Exporter and functions need the same.", string.Join(",", Model.Kinds.Default));

    /// <summary>Kinds that are served although the table does not know them.</summary>
    public static Setting Additional { get; } = new(
        "Kinds__Additional",
        "Kinds to serve beside those, for example NetworkPolicies or a custom resource, as JSON; docs/kinds.md has the form. Exporter and functions need the same.", "none");

    /// <summary>Whether namespaces inherit.</summary>
    public static Setting Inheritance { get; } = new(
        "Inheritance__Enabled", "Whether namespaces have parents and inherit from them (docs/inheritance.md): true or false. Exporter and functions need the same.", "false");

    /// <summary>Which API server is used.</summary>
    public static Setting Kubeconfig { get; } = new(
        "Kubernetes__Kubeconfig", "The kubeconfig file to use.", "$KUBECONFIG, the pod's service account, or ~/.kube/config, whichever is first found");

    /// <summary>Reads <see cref="Kinds"/> and <see cref="Additional"/>.</summary>
    public static ImmutableArray<Kind> ReadKinds(SettingsReader settings) => [.. ReadKnown(settings), .. AdditionalKinds.Read(settings)];

    private static ImmutableArray<Kind> ReadKnown(SettingsReader settings)
    {
        if (settings.Text(Kinds) is not { } text)
            return Model.Kinds.Default;
        var kinds = ImmutableArray.CreateBuilder<Kind>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (Model.Kinds.All.FirstOrDefault(kind => kind.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } kind)
                kinds.Add(kind);
            else
                settings.Report(Kinds, $"names \"{name}\", which cannot be served; it can be any of {string.Join(", ", Model.Kinds.All)}, and what the setting {Additional.Name} adds is served anyway");
        }
        if (kinds.Count == 0)
            settings.Report(Kinds, "names no kind");
        return kinds.ToImmutable();
    }
}
