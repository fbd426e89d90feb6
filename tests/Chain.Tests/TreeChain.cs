using System.Text.Json.Nodes;
using Heliograph.Bus.Tests.Tls;
using Heliograph.Chain.Tests.World;
using Heliograph.ControlPlane;
using Heliograph.Deploy.Tests;
using Heliograph.Deploy.Tests.Admission;
using Heliograph.Dev;
using Heliograph.Dev.Clusters;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>A chain of its own in which namespaces inherit: with the settings and the rights of our manifests. The kinds of the tree are not installed at first.</summary>
public sealed class TreeChain : Chain
{
    private const string ServerName = "admission";

    private readonly TestAuthority authority = new();
    private readonly Uri admission = new($"https://127.0.0.1:{FreePort.Pick()}");

    /// <summary>What users want of their trees.</summary>
    internal TreesWorld Trees => field ??= new TreesWorld(User);

    private protected override IEnumerable<string> Rights => ["infra/cluster/kinds/roles", "infra/cluster/inheritance/rights"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The definitions of the tree's kinds, and that Secrets and ConfigMaps are inherited.</summary>
    internal async Task InstallAsync()
    {
        Kubectl.Run(ControlPlane.AdminKubeconfig, Kubectl.Render("infra/cluster/inheritance/crds"), "apply", "-f", "-");
        Kubectl.Run(ControlPlane.AdminKubeconfig, null, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s");
        await User.ApplyAsync(Kinds.HncConfiguration, "", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Vocabulary.Hnc.Configuration },
            ["spec"] = new JsonObject
            {
                ["resources"] = new JsonArray(
                    new JsonObject { ["resource"] = "secrets", ["mode"] = "Propagate" }, new JsonObject { ["resource"] = "configmaps", ["mode"] = "Propagate" }),
            },
        });
    }

    /// <summary>The API server asks from now on.</summary>
    internal async Task AskAsync()
    {
        foreach (var manifest in Manifest.Read(Repository.At("infra", "cluster", "inheritance", "admission", "rights.yaml")))
            await Installer.CreateAsync(manifest, "installer", Cancellation);
        Kubectl.Run(ControlPlane.AdminKubeconfig, Webhooks.LeadingTo(admission, authority.Authority), "apply", "--validate=false", "-f", "-");
    }

    /// <summary>It does not ask any more.</summary>
    internal void NoLongerAsk() => Kubectl.Run(ControlPlane.AdminKubeconfig, null, "delete", "validatingwebhookconfiguration", "--all");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        authority.Dispose();
    }

    private protected override Task<IReadOnlyList<string>> DifferencesAsync() => Trees.DifferencesAsync();

    private protected override void Configure(Dictionary<string, string> settings, bool isFunctions)
    {
        settings["Inheritance__Enabled"] = "true";
        settings["Replication__Kinds"] = "Secret,ConfigMap,Role";
        if (!isFunctions)
            return;
        authority.Issue(ServerName);
        settings["Admission__Listen"] = admission.GetLeftPart(UriPartial.Authority);
        settings["Admission__CertificateFile"] = authority.Certificate(ServerName);
        settings["Admission__CertificateKeyFile"] = authority.Key(ServerName);
    }
}
