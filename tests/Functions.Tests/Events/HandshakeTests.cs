using System.Net;

namespace Heliograph.Functions.Tests.Events;

/// <summary>The CloudEvents handshake: who may deliver asks first, and gets no key for that.</summary>
public sealed class HandshakeTests
{
    [Theory]
    [InlineData("eventgrid.azure.net", HttpStatusCode.OK)]
    [InlineData("EventGrid.Azure.Net", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    [InlineData("eventgrid.azure.net.evil.example", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.BadRequest)]
    public async Task Only_an_allowed_origin_may_deliver(string? origin, HttpStatusCode expected)
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await AskAsync(app, origin);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, answer.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task A_good_handshake_says_what_the_specification_wants()
    {
        await using var app = await TestApp.StartAsync(settings: "--Functions:AllowedOrigins=bus.example, other.example");

        using var answer = await AskAsync(app, "other.example");

        Assert.Equal("other.example", Assert.Single(answer.Headers.GetValues("WebHook-Allowed-Origin")));
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("WebHook-Allowed-Rate")));
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
        using var refused = await AskAsync(app, "eventgrid.azure.net");
        Assert.Contains("Functions__AllowedOrigins", await refused.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> AskAsync(TestApp app, string? origin)
    {
        using var keyless = new HttpClient { BaseAddress = app.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/events");
        if (origin is not null)
            request.Headers.Add("WebHook-Request-Origin", origin);
        return await keyless.SendAsync(request, TestApp.Cancellation);
    }
}
