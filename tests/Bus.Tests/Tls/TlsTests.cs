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
    public void A_mistake_is_said_at_the_start(string problem, params string[] settings)
    {
        var mistake = Assert.Throws<SettingsException>(() => FunctionsApp.Build([$"--Functions:Key={Secret}", .. settings]));
        Assert.Contains(problem, mistake.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> ServeAsync(TestAuthority authority, bool mutual)
    {
        var app = FunctionsApp.Build(
            [
                $"--Functions:Key={Secret}", "--Functions:Listen=https://127.0.0.1:0", $"--Tls:CertificateFile={authority.Certificate("server")}",
                $"--Tls:KeyFile={authority.Key("server")}", .. mutual ? [$"--Tls:ClientAuthorityFile={authority.Authority}"] : Array.Empty<string>(),
            ],
            services => services.AddSingleton<ICluster>(new TestCluster(TimeProvider.System)));
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<Answer> SendAsync(WebApplication app, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value)
            .Concat([new("Exporter:Endpoint", app.Urls.First() + "/api/events"), new("Exporter:Key", Secret)])).Build();
        var reader = new SettingsReader(configuration);
        var http = Assert.IsType<BusSettings.Http>(BusSettings.Read(reader));
        reader.ThrowIfInvalid();
        using var endpoint = new EventEndpoint(http, TimeProvider.System);
        var parcel = new Parcel(new Watching.Notice(new Hint.SyncCompleted(), "", "1"), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, null);
        return await endpoint.SendAsync(new EventEncoder("test").Encode(parcel).ToArray(), Cancellation);
    }
}
