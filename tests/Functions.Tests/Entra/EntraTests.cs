using System.Net;
using System.Net.Http.Headers;
using Heliograph.Functions.Events;
using Heliograph.Hosting;

namespace Heliograph.Functions.Tests.Entra;

/// <summary>Tokens of Microsoft Entra ID beside the key: Event Grid's, and callers'.</summary>
public sealed class EntraTests
{
    private const string EventGrid = "AzureEventGridSecureWebhookSubscriber";
    private const string Caller = "Heliograph.Caller";

    [Fact]
    public async Task Event_grid_delivers_with_a_token_and_without_the_key()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);

        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid)));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid)));
        Assert.Equal(1, authority.Asked);
    }

    [Fact]
    public async Task A_caller_asks_with_a_token_and_without_the_key()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(app, "/api/resync?dryRun=true", authority.Token(Caller)));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(app, "/api/resync", authority.Token(Caller)));
    }

    [Fact]
    public async Task Tokens_of_the_older_form_name_another_issuer_of_the_same_tenant()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);

        Assert.Equal(
            HttpStatusCode.NoContent, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid, issuer: $"https://sts.windows.net/{SigningAuthority.Tenant}/")));
    }

    [Fact]
    public async Task Each_door_has_its_role()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);

        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, EventsEndpoint.Path, authority.Token(Caller)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, "/api/resync", authority.Token(EventGrid)));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid.ToLowerInvariant())));
    }

    [Fact]
    public async Task What_is_wrong_with_a_token_opens_nothing()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);
        string[] bad =
        [
            authority.Token(EventGrid, audience: "api://somebody-else"),
            authority.Token(EventGrid, issuer: "https://sts.windows.net/99999999-2222-3333-4444-555555555555/"),
            authority.Token(EventGrid, issuer: "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0"),
            authority.Token(EventGrid, expires: DateTime.UtcNow.AddMinutes(-10)),
            authority.Token(EventGrid, from: DateTime.UtcNow.AddMinutes(10)),
            Tampered(authority.Token(EventGrid)),
            Unsigned(authority.Token(EventGrid)),
        ];
        foreach (var (index, token) in bad.Index())
            Assert.Equal((index, HttpStatusCode.Unauthorized), (index, await PostAsync(app, EventsEndpoint.Path, token)));
        // Event Grid would drop its events for a 401.
        Assert.All(
            await Task.WhenAll(bad.Select(token => PostAsync(app, EventsEndpoint.Path, token, (EventGridSchema.EventTypeHeader, "Notification")))),
            status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
    }

    [Fact]
    public async Task The_public_key_signs_nothing()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);

        Assert.Contains(
            await PostAsync(app, EventsEndpoint.Path, authority.TokenSignedWithThePublicKey(EventGrid)), (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable]);
    }

    [Fact]
    public async Task A_key_that_is_not_known_may_be_a_new_one_so_it_is_asked_again()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid, by: authority.OtherKey)));

        await Eventually.IsAsync(() => authority.Asked >= 2, "the authority is asked again");
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid)));
    }

    [Fact]
    public async Task Without_its_authority_nobody_passes_and_everybody_may_come_again()
    {
        await using var authority = await SigningAuthority.StartAsync();
        authority.IsAway = true;
        await using var app = await WithAsync(authority);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid)));
        Assert.Contains(app.Log.Lines, line => line.Message.Contains("Entra__Authority", StringComparison.Ordinal));

        authority.IsAway = false;
        await Eventually.IsAsync(
            async () => await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid)) == HttpStatusCode.NoContent, "the authority is there again");
    }

    [Fact]
    public async Task The_key_opens_as_before_and_a_token_where_none_are_taken_does_not()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using (var app = await WithAsync(authority))
            Assert.Equal(HttpStatusCode.NoContent, await PostAsync(app, EventsEndpoint.Path, token: null, (SharedKey.HeaderName, TestApp.Key)));
        await using (var app = await TestApp.StartAsync())
            Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(app, EventsEndpoint.Path, authority.Token(EventGrid)));
        Assert.Equal(0, authority.Asked);
    }

    [Fact]
    public async Task No_token_is_ever_logged()
    {
        await using var authority = await SigningAuthority.StartAsync();
        await using var app = await WithAsync(authority);
        var token = authority.Token(EventGrid, audience: "api://somebody-else");

        await PostAsync(app, EventsEndpoint.Path, token);

        Assert.Contains(app.Log.Lines, line => line.Message.Contains("a token is refused", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log.Lines, line => token.Split('.').Any(part => line.Message.Contains(part, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Entra__Audience", "--Entra:TenantId=t")]
    [InlineData("Entra__Authority", "--Entra:TenantId=t", "--Entra:Audience=a", "--Entra:Authority=http://login.example")]
    public async Task A_tenant_alone_is_a_mistake(string named, params string[] settings)
    {
        var mistake = await Assert.ThrowsAsync<SettingsException>(() => TestApp.StartAsync(settings: settings));
        Assert.Contains(named, mistake.Message, StringComparison.Ordinal);
    }

    private static string Tampered(string token)
    {
        var parts = token.Split('.');
        parts[2] = (parts[2][0] == 'A' ? 'B' : 'A') + parts[2][1..];
        return string.Join('.', parts);
    }

    private static string Unsigned(string token) => $"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{token.Split('.')[1]}.";

    private static Task<TestApp> WithAsync(SigningAuthority authority) => TestApp.StartAsync(null,
        $"--Entra:TenantId={SigningAuthority.Tenant}", $"--Entra:Audience=other,{SigningAuthority.Audience}", $"--Entra:Authority={authority.Issuer}");

    private static async Task<HttpStatusCode> PostAsync(TestApp app, string path, string? token, params (string Name, string Value)[] headers)
    {
        using var keyless = new HttpClient { BaseAddress = app.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(path == EventsEndpoint.Path ? "[]" : "", new MediaTypeHeaderValue("application/cloudevents-batch+json")),
        };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await keyless.SendAsync(request, TestApp.Cancellation);
        return answer.StatusCode;
    }
}
