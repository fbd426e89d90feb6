using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Heliograph.Bus.Tests.EndToEnd;
using Heliograph.Chain.Tests.Network;
using Heliograph.ControlPlane;

namespace Heliograph.Bus.Tests.Tls;

/// <summary>Both programs as they ship, with certificates of their own between them, while those are exchanged.</summary>
[Collection(nameof(RealCluster))]
public sealed class RotationTests(RealCluster cluster)
{
    private const string Test = "encrypted";
    private const string Functions = "functions";
    private const string Exporter = "exporter";
    private const int Namespaces = 2;

    private (string Name, string Value) Kubeconfig => ("Kubernetes__Kubeconfig", cluster.Kubeconfig);

    /// <summary>
    /// An authority is succeeded by another as an operator does it: both are trusted, then both ends show what the new one made, then the old one is trusted no
    /// more. Nothing is restarted, connections are cut at every step, and every change arrives.
    /// </summary>
    [Fact]
    public async Task One_authority_succeeds_another_while_both_programs_run()
    {
        using var first = Issued();
        using var next = Issued();
        using var files = new TestAuthority();
        files.Publish(first);
        Show(files, first);
        var server = new Uri($"https://localhost:{FreePort.Pick()}");
        await using var wire = new Relay(server);
        await using var functions = await RunningProgram.FunctionsAsync(
            Kubeconfig, ("Functions__Listen", $"https://127.0.0.1:{server.Port}"), ("Tls__CertificateFile", files.Certificate(Functions)),
            ("Tls__KeyFile", files.Key(Functions)), ("Tls__ClientAuthorityFile", files.Authority));
        await functions.BecomesReadyAsync();
        await using var exporter = await RunningProgram.ExporterAsync(
            Kubeconfig, ("Exporter__Endpoint", new Uri(wire.Address, "/api/events").ToString()), ("Exporter__Key", "k"), ("Exporter__AuthorityFile", files.Authority),
            ("Exporter__CertificateFile", files.Certificate(Exporter)), ("Exporter__CertificateKeyFile", files.Key(Exporter)));
        await cluster.NamespacesAsync(Test, Namespaces);
        await exporter.BecomesReadyAsync();
        await ArrivesAsync("first", wire);
        Assert.Equal(Serial(first), await ShownAsync(server, first));
        Assert.Null(await ShownAsync(server, next));

        files.Publish(first, next);
        Show(files, next);
        await Eventually.IsAsync(async () => await ShownAsync(server, next) == Serial(next), "the functions show the new certificate");
        await ArrivesAsync("second", wire);

        files.Publish(next);
        await ArrivesAsync("third", wire);
        Assert.Null(await ShownAsync(server, first));
        Assert.Equal(Serial(next), await ShownAsync(server, next));
    }

    /// <summary>Changes the source and finds it mirrored, by new connections.</summary>
    private async Task ArrivesAsync(string value, Relay wire)
    {
        Assert.NotEqual(0, wire.FreezeAll());
        wire.DropFrozen();
        await cluster.PutSourceAsync(Test, "registry", value);
        await cluster.IsMirroredAsync(Test, Namespaces, "registry", value);
    }

    /// <summary>The serial number of the certificate that a server shows to whom it lets in; null where it does not let us in.</summary>
    private static async Task<string?> ShownAsync(Uri server, TestAuthority client)
    {
        string? shown = null;
        using var ours = X509Certificate2.CreateFromPemFile(client.Certificate(Exporter), client.Key(Exporter));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => ours,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = (certificate as X509Certificate2)?.SerialNumber) is not null,
            },
        });
        try
        {
            using var response = await http.GetAsync(new Uri(server, "/healthz"), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode ? shown : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string Serial(TestAuthority authority) => X509CertificateLoader.LoadCertificateFromFile(authority.Certificate(Functions)).SerialNumber;

    private static TestAuthority Issued()
    {
        var authority = new TestAuthority();
        authority.Issue(Functions, purpose: TestAuthority.ForServers);
        authority.Issue(Exporter, purpose: TestAuthority.ForClients);
        return authority;
    }

    private static void Show(TestAuthority files, TestAuthority authority)
    {
        files.Take(authority, Functions);
        files.Take(authority, Exporter);
    }
}
