using System.Net;
using Heliograph.Hosting;

namespace Heliograph.Functions.Tests;

/// <summary>Nobody passes without the key.</summary>
public sealed class KeyTests
{
    public static TheoryData<string, string> Doors => new()
    {
        { "POST", "/api/events" },
        { "POST", "/api/resync?dryRun=true" },
        { "GET", "/api/explain?namespace=default" },
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Without_the_key_every_door_is_closed(string method, string path)
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(app, method, path));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(app, method, path, (SharedKey.HeaderName, "wrong")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(app, method, path, (SharedKey.HeaderName, "")));
        foreach (var almost in (string[])[TestApp.Key + "x", TestApp.Key[..^1], TestApp.Key[1..], TestApp.Key.ToUpperInvariant()])
            Assert.Equal((almost, HttpStatusCode.Unauthorized), (almost, await AskAsync(app, method, path, (SharedKey.HeaderName, almost))));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(app, method, path, ("Authorization", "Bearer wrong")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(app, method, path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "code=wrong"));
    }

    [Theory]
    [InlineData(SharedKey.HeaderName, TestApp.Key)]
    [InlineData("Authorization", "Bearer " + TestApp.Key)]
    [InlineData("Authorization", "bearer " + TestApp.Key)]
    public async Task The_key_opens_in_either_header(string header, string value)
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await AskAsync(app, "POST", "/api/resync?dryRun=true", (header, value)));
    }

    [Fact]
    public async Task The_key_opens_as_a_query_parameter()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await AskAsync(app, "POST", $"/api/resync?dryRun=true&code={TestApp.Key}"));
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task While_the_key_cannot_be_read_nobody_passes_and_everybody_may_come_again(string method, string path)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, TestApp.Key + "\n", TestApp.Cancellation);
        await using var app = await TestApp.StartAsync(settings: $"--Functions:KeyFile={file}");
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, await AskAsync(app, method, path, (SharedKey.HeaderName, TestApp.Key)));

        File.Delete(file);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(app, method, path, (SharedKey.HeaderName, TestApp.Key)));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync(app, method, path));
        Assert.Contains(file, (await app.GetAsync("/readyz")).Text, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "rotated", TestApp.Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(app, method, path, (SharedKey.HeaderName, TestApp.Key)));
        Assert.NotEqual(HttpStatusCode.Unauthorized, await AskAsync(app, method, path, (SharedKey.HeaderName, "rotated")));
        File.Delete(file);
    }

    private static async Task<HttpStatusCode> AskAsync(TestApp app, string method, string path, params (string Name, string Value)[] headers)
    {
        using var keyless = new HttpClient { BaseAddress = app.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await keyless.SendAsync(request, TestApp.Cancellation);
        return answer.StatusCode;
    }
}
