using System.Net;
using Heliograph.ControlPlane;
using Heliograph.Engine;
using Heliograph.Exporter;
using Heliograph.Exporter.Publishing;
using Heliograph.Functions;
using Heliograph.Functions.Tests;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Heliograph.Model;
using Heliograph.Watching;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Bus.Tests.Tls;

/// <summary>The exporter's own client and the functions' own server, with TLS between them.</summary>
public sealed class TlsTests
{
    private const string Secret = "the-key";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_over_tls_by_the_authority_that_is_named()
    {
        using var authority = new TestAuthority();
        authority.Issue("server");
        await using var app = await ServeAsync(authority, mutual: false);

        Assert.IsType<Answer.Accepted>(await SendAsync(app, ("Exporter:AuthorityFile", authority.Authority)));
    }

    [Fact]
    public async Task An_authority_that_is_not_named_vouches_for_nobody()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        authority.Issue("server");
        await using var app = await ServeAsync(authority, mutual: false);

        Assert.IsType<Answer.NotNow>(await SendAsync(app, ("Exporter:AuthorityFile", other.Authority)));
        Assert.IsType<Answer.NotNow>(await SendAsync(app));
    }

    [Fact]
    public async Task A_certificate_for_another_host_or_of_yesterday_is_none()
    {
        using var authority = new TestAuthority();
        foreach (var (host, until) in ((string, DateTimeOffset)[])[("other.example", DateTimeOffset.UtcNow.AddHours(1)), ("localhost", DateTimeOffset.UtcNow.AddMinutes(-5))])
        {
            authority.Issue("server", host, until);
            await using var app = await ServeAsync(authority, mutual: false);
            Assert.IsType<Answer.NotNow>(await SendAsync(app, ("Exporter:AuthorityFile", authority.Authority)));
        }
    }

    [Fact]
    public async Task Where_clients_must_show_a_certificate_only_those_of_the_authority_connect()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        authority.Issue("server");
        authority.Issue("exporter");
        other.Issue("exporter");
        await using var app = await ServeAsync(authority, mutual: true);
        (string, string) trusting = ("Exporter:AuthorityFile", authority.Authority);

        Assert.IsType<Answer.Accepted>(await SendAsync(app, trusting, ("Exporter:CertificateFile", authority.Certificate("exporter")), ("Exporter:CertificateKeyFile", authority.Key("exporter"))));
        Assert.IsType<Answer.NotNow>(await SendAsync(app, trusting, ("Exporter:CertificateFile", other.Certificate("exporter")), ("Exporter:CertificateKeyFile", other.Key("exporter"))));
        Assert.IsType<Answer.NotNow>(await SendAsync(app, trusting));
    }

    [Fact]
    public async Task An_authority_below_the_one_that_is_named_vouches_as_well()
    {
        using var authority = new TestAuthority();
        using var below = new TestAuthority(authority);
        below.Issue("server");
        await using var app = await ServeAsync(below, mutual: false);

        Assert.IsType<Answer.Accepted>(await SendAsync(app, ("Exporter:AuthorityFile", authority.Authority)));
    }

    [Fact]
    public async Task A_certificate_for_another_purpose_or_of_yesterday_lets_nobody_in()
    {
        using var authority = new TestAuthority();
        authority.Issue("server", purpose: TestAuthority.ForServers);
        await using var app = await ServeAsync(authority, mutual: true);
        foreach (var (name, purpose, until) in ((string, string, DateTimeOffset)[])
                 [("another-server", TestAuthority.ForServers, DateTimeOffset.UtcNow.AddHours(1)), ("yesterday", TestAuthority.ForClients, DateTimeOffset.UtcNow.AddMinutes(-5))])
        {
            authority.Issue(name, until: until, purpose: purpose);
            Assert.IsType<Answer.NotNow>(await SendAsync(app, As(authority, name)));
        }
        authority.Issue("exporter", purpose: TestAuthority.ForClients);
        Assert.IsType<Answer.Accepted>(await SendAsync(app, As(authority, "exporter")));
    }

    [Fact]
    public async Task While_the_file_of_the_authorities_is_away_nobody_is_let_in()
    {
        using var authority = new TestAuthority();
        using var copy = new TestAuthority();
        copy.Publish(authority);
        authority.Issue("server");
        authority.Issue("exporter");
        await using var app = await ServeAsync(authority, mutual: true);
        (string, string)[] settings = [("Exporter:AuthorityFile", copy.Authority), .. As(authority, "exporter")[1..]];
        Assert.IsType<Answer.Accepted>(await SendAsync(app, settings));

        File.Delete(authority.Authority);
        Assert.IsType<Answer.NotNow>(await SendAsync(app, settings));

        authority.Publish(authority);
        Assert.IsType<Answer.Accepted>(await SendAsync(app, settings));
    }

    [Fact]
    public async Task A_certificate_of_a_client_is_no_servers()
    {
        using var authority = new TestAuthority();
        authority.Issue("server", purpose: TestAuthority.ForClients);
        await using var app = await ServeAsync(authority, mutual: false);

        var answer = Assert.IsType<Answer.NotNow>(await SendAsync(app, ("Exporter:AuthorityFile", authority.Authority)));
        Assert.Contains("is not trusted, or does not accept ours; see the settings Exporter__AuthorityFile and Exporter__CertificateFile", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_certificate_may_ask_how_we_are_and_nothing_else()
    {
        using var authority = new TestAuthority();
        authority.Issue("server");
        var port = FreePort.Pick();
        await using var app = await ServeAsync(authority, mutual: true, $"--Functions:HealthListen=http://127.0.0.1:{port}");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Add(SharedKey.HeaderName, Secret);

        foreach (var path in (string[])["/", "/healthz", "/readyz", "/metrics"])
            Assert.Equal((path, HttpStatusCode.OK), (path, (await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation)).StatusCode));
        foreach (var path in (string[])["/api/explain?namespace=a", "/api/events", "/api/resync?dryRun=true", "/api/admission", "/API/explain", "/healthz/../api/explain"])
        {
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation)).StatusCode));
            using var body = new StringContent("{}");
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await http.PostAsync(new Uri(path, UriKind.Relative), body, Cancellation)).StatusCode));
        }
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_restart()
    {
        using var authority = new TestAuthority();
        var first = authority.Issue("server");
        var time = new FakeTimeProvider();
        var files = new CertificateFiles(authority.Certificate("server"), authority.Key("server"), time);
        Assert.Equal(first, files.Current()!.TargetCertificate.SerialNumber);

        var second = authority.Issue("server");
        await File.WriteAllTextAsync(authority.Key("server"), "half written", Cancellation);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(first, files.Current()!.TargetCertificate.SerialNumber);

        Assert.NotEqual(second, authority.Issue("server"));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotEqual(first, files.Current()!.TargetCertificate.SerialNumber);
    }

    [Theory]
    [InlineData("setting Tls__CertificateFile and Tls__KeyFile must be set, because Functions__Listen is https", "--Functions:Listen=https://127.0.0.1:0")]
    [InlineData("setting Tls__CertificateFile and Tls__KeyFile must be set together", "--Functions:Listen=https://127.0.0.1:0", "--Tls:KeyFile=/nowhere")]
    [InlineData("which cannot be read or are no certificate", "--Functions:Listen=https://127.0.0.1:0", "--Tls:KeyFile=/nowhere", "--Tls:CertificateFile=/nowhere")]
    [InlineData("setting Tls__ClientAuthorityFile names /nowhere", "--Tls:ClientAuthorityFile=/nowhere")]
    [InlineData("setting Functions__Listen is not https", "--Tls:ClientAuthorityFile=/nowhere")]
    [InlineData("setting Functions__HealthListen is \"https://127.0.0.1:1\"", "--Functions:HealthListen=https://127.0.0.1:1")]
    [InlineData("setting Functions__HealthListen is http://0.0.0.0:7071, a port at which http://127.0.0.1:7071 is served already", "--Functions:HealthListen=http://0.0.0.0:7071")]
    public void A_mistake_is_said_at_the_start(string problem, params string[] settings)
    {
        var mistake = Assert.Throws<SettingsException>(() => FunctionsApp.Build([$"--Functions:Key={Secret}", .. settings]));
        Assert.Contains(problem, mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setting Exporter__Endpoint is not https, though Exporter__AuthorityFile or Exporter__CertificateFile is set", "http", "AuthorityFile")]
    [InlineData("setting Exporter__Endpoint is not https, though Exporter__AuthorityFile or Exporter__CertificateFile is set", "http", "CertificateFile", "CertificateKeyFile")]
    [InlineData("setting Exporter__CertificateFile and Exporter__CertificateKeyFile must be set together", "https", "CertificateFile")]
    [InlineData("setting Exporter__CertificateFile and Exporter__CertificateKeyFile must be set together", "https", "CertificateKeyFile")]
    [InlineData("setting Exporter__AuthorityFile names /nowhere", "https", "AuthorityFile")]
    public void A_mistake_of_the_exporters_is_said_at_its_start(string problem, string scheme, params string[] files)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(files.Select(file => new KeyValuePair<string, string?>($"Exporter:{file}", "/nowhere"))
            .Concat([new("Exporter:Endpoint", $"{scheme}://localhost/api/events"), new("Exporter:Key", Secret)])).Build();
        var mistake = Assert.Throws<SettingsException>(() => ExporterSettings.Read(configuration));
        Assert.Contains(problem, mistake.Message, StringComparison.Ordinal);
    }

    /// <summary>What an exporter is given that shows a certificate and trusts who made it.</summary>
    private static (string Name, string Value)[] As(TestAuthority authority, string name) =>
        [("Exporter:AuthorityFile", authority.Authority), ("Exporter:CertificateFile", authority.Certificate(name)), ("Exporter:CertificateKeyFile", authority.Key(name))];

    private static async Task<WebApplication> ServeAsync(TestAuthority authority, bool mutual, params string[] more)
    {
        var app = FunctionsApp.Build(
            [
                $"--Functions:Key={Secret}", "--Functions:Listen=https://127.0.0.1:0", $"--Tls:CertificateFile={authority.Certificate("server")}",
                $"--Tls:KeyFile={authority.Key("server")}", .. mutual ? [$"--Tls:ClientAuthorityFile={authority.Authority}"] : Array.Empty<string>(), .. more,
            ],
            services => services.AddSingleton<ICluster>(new TestCluster(TimeProvider.System)));
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<Answer> SendAsync(WebApplication app, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)
            .Concat([new("Exporter:Endpoint", app.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal)) + "/api/events"), new("Exporter:Key", Secret)])).Build();
        var reader = new SettingsReader(configuration);
        var http = Assert.IsType<BusSettings.Http>(BusSettings.Read(reader));
        reader.ThrowIfInvalid();
        using var endpoint = new EventEndpoint(http, TimeProvider.System);
        var parcel = new Parcel(new Watching.Notice(new Hint.SyncCompleted(), "", "1"), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, null);
        return await endpoint.SendAsync(new EventEncoder("test").Encode(parcel).ToArray(), Cancellation);
    }
}
