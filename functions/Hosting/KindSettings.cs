using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Hosting;

/// <summary>The settings that exporter and functions must agree on.</summary>
public static class KindSettings
{
    /// <summary>Which kinds are served.</summary>
    public static Setting Kinds { get; } = new(
        "Replication__Kinds", "The kinds to serve, a comma list. Exporter and functions need the same.", string.Join(",", Model.Kinds.Default));

    /// <summary>Which API server is used.</summary>
    public static Setting Kubeconfig { get; } = new(
        "Kubernetes__Kubeconfig", "The kubeconfig file to use.", "$KUBECONFIG, the pod's service account, or ~/.kube/config, whichever is first found");

    /// <summary>Reads <see cref="Kinds"/>.</summary>
    public static ImmutableArray<Kind> ReadKinds(SettingsReader settings)
    {
        if (settings.Text(Kinds) is not { } text)
            return Model.Kinds.Default;
        var kinds = ImmutableArray.CreateBuilder<Kind>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (Model.Kinds.All.FirstOrDefault(kind => kind.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } kind)
                kinds.Add(kind);
            else
                settings.Report(Kinds, $"names \"{name}\", which cannot be served; it can be any of {string.Join(", ", Model.Kinds.All)}");
        }
        if (kinds.Count == 0)
            settings.Report(Kinds, "names no kind");
        return kinds.ToImmutable();
    }
}
