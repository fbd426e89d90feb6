using System.Text;

namespace Heliograph.Deploy.Tests.Admission;

/// <summary>The webhooks of our manifests, which only lead to this machine instead of to a Service.</summary>
internal static class Webhooks
{
    public const string Setup = "infra/deploy/plain-admission";

    private const string ToTheService = "    service:\n      name: heliograph-admission\n      namespace: heliograph\n      path: /api/admission\n";

    /// <summary>The manifests of a kind in the set-up.</summary>
    public static IEnumerable<string> Manifests(string kind) =>
        Kubectl.Render(Setup).Split("\n---\n").Where(document => document.Contains($"\nkind: {kind}\n", StringComparison.Ordinal));

    /// <param name="address">Where the functions listen.</param>
    /// <param name="authorityFile">The authority of their certificate, as a PEM file.</param>
    public static string LeadingTo(Uri address, string authorityFile)
    {
        var yaml = Manifests("ValidatingWebhookConfiguration").Single();
        Assert.Contains(ToTheService, yaml, StringComparison.Ordinal);
        var bundle = Convert.ToBase64String(Encoding.UTF8.GetBytes(File.ReadAllText(authorityFile)));
        return yaml.Replace(ToTheService, $"    url: {address.GetLeftPart(UriPartial.Authority)}/api/admission\n    caBundle: {bundle}\n", StringComparison.Ordinal);
    }
}
