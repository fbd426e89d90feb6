using Heliograph.Deploy.Tests;
using Heliograph.Model;

namespace Heliograph.Chain.Tests;

/// <summary>The definitions of the tree's kinds come while both programs run, and go again.</summary>
public sealed class TreeDefinitionTests(TreeChain chain) : ChainTest(chain), IClassFixture<TreeChain>
{
    [Fact]
    public async Task They_are_noticed_when_they_appear_and_nothing_goes_with_them()
    {
        await chain.Trees.AddAsync("early");
        await chain.Trees.PutAsync(new("Secret", "early", "s"), 1);
        await Eventually.TrueAsync(
            "the exporter has found that they are missing",
            () => Chain.Exporter.Lines.Any(line => line.Contains("HierarchyConfiguration is not installed", StringComparison.Ordinal)), () => Chain.Evidence);

        await chain.InstallAsync();
        // Else there would be nothing to miss when they go.
        await Eventually.TrueAsync(
            "the exporter has found all of them",
            () => Kinds.Inheritance.All(kind => Chain.Exporter.Lines.Any(line => line.Contains($"{kind.Name} listed at version", StringComparison.Ordinal))), () => Chain.Evidence);
        await chain.Trees.AddChildrenAsync(("early-full", "early"));
        await chain.Trees.AnchorAsync("early", "early-sub");
        await Chain.ConvergesAsync();
        var before = await StandingAsync();

        Chain.FunctionsApi.Forget();
        Kubectl.Run(Chain.ControlPlane.AdminKubeconfig, null, ["delete", "crd", .. Kinds.Inheritance.Select(kind => $"{kind.Plural}.{kind.Group}")]);
        await Eventually.TrueAsync(
            "everything was looked at without them",
            () => Chain.FunctionsApi.Requests.Any(request => request.Path.EndsWith(Kinds.HierarchyConfiguration.Plural, StringComparison.Ordinal))
                && Chain.Exporter.Lines.Count(line => line.Contains("HierarchyConfiguration is not installed", StringComparison.Ordinal)) > 1,
            () => Chain.Evidence);
        await Chain.Exporter.StopAsync();
        await Chain.Exporter.StartAsync();
        // Ready means that the functions have looked at everything.
        await Chain.IsReadyAsync();
        Assert.Equal(before, await StandingAsync());
    }

    /// <summary>Every namespace and every Secret, with its version.</summary>
    private async Task<string> StandingAsync()
    {
        var (namespaces, secrets) = (await Chain.User.ListAsync(Kinds.Namespace), await Chain.User.ListAsync(Kinds.Secret));
        var all = namespaces.Concat(secrets.Where(secret => (string?)secret["type"] == "Opaque")).Select(read => read["metadata"]!);
        return string.Join('\n', all.Select(metadata => $"{metadata["namespace"]}/{metadata["name"]} {metadata["resourceVersion"]} {metadata["deletionTimestamp"]}"));
    }
}
