using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Heliograph.Fakes;
using Heliograph.Functions.Resync;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests;

/// <summary>The webhook as a product: answered at once, polled, repeated, limited, and signed.</summary>
public sealed class ResyncOperationTests
{
    private const string Secret = "it's a secret to everybody";

    [Fact]
    public async Task It_is_answered_at_once_with_an_operation_to_poll()
    {
        await using var app = await WithSourceAsync();
        using var client = new Client(app);

        using var answer = await client.StartAsync("/api/resync?namespace=default");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var place = Assert.Single(answer.Headers.GetValues("Operation-Location"));
        Assert.Equal(place, answer.Headers.Location?.ToString());
        Assert.Matches("^/api/resync/[0-9a-f]{32}\\?namespace=default$", place);
        var ended = await client.EndsAsync(place);
        Assert.Equal(("Succeeded", "namespace default", 2), (
            ended.GetProperty("status").GetString(), ended.GetProperty("scope").GetString(), ended.GetProperty("result").GetProperty("cells").GetArrayLength()));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
    }

    [Theory]
    [InlineData("Idempotency-Key")]
    [InlineData("X-GitHub-Delivery")]
    [InlineData("X-Gitlab-Event-UUID")]
    public async Task The_same_request_again_is_the_same_operation(string header)
    {
        await using var app = await WithSourceAsync();
        using var client = new Client(app);
        var first = await client.PlaceAsync("/api/resync", (header, "delivery-1"));
        await client.EndsAsync(first);
        app.Cluster.Do(user => user.Delete(Kinds.Secret, "team-a", "registry"));

        Assert.Equal(first, await client.PlaceAsync("/api/resync", (header, "delivery-1")));
        Assert.Equal("Succeeded", (await client.EndsAsync(first)).GetProperty("status").GetString());
        Assert.Null(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));

        var second = await client.PlaceAsync("/api/resync", (header, "delivery-2"));
        Assert.NotEqual(first, second);
        await client.EndsAsync(second);
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task The_same_key_for_something_else_is_another_operation()
    {
        await using var app = await WithSourceAsync();
        using var client = new Client(app);

        Assert.NotEqual(
            (await client.PlaceAsync("/api/resync?namespace=team-a", ("Idempotency-Key", "1"))).Split('?')[0],
            (await client.PlaceAsync("/api/resync?namespace=team-b", ("Idempotency-Key", "1"))).Split('?')[0]);
    }

    [Fact]
    public async Task An_instance_that_does_not_know_an_operation_takes_it_up()
    {
        await using var app = await WithSourceAsync();
        using var client = new Client(app);

        var ended = await client.EndsAsync($"/api/resync/{Operations.IdOf(default, "of another instance")}?namespace=default");

        Assert.Equal("Succeeded", ended.GetProperty("status").GetString());
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Theory]
    [InlineData("/api/resync/0")]
    [InlineData("/api/resync/..%2F..%2Fetc")]
    [InlineData("/api/resync/0123456789ABCDEF0123456789ABCDEF")]
    public async Task What_cannot_be_an_operation_is_none(string place)
    {
        await using var app = await WithSourceAsync();
        Assert.Equal(404, (await app.GetAsync(place)).Status);
        Assert.Equal(0, app.Cluster.Writes);
    }

    [Fact]
    public async Task Too_many_are_sent_away_and_told_when_to_come_again_and_repetitions_and_dry_runs_do_not_count()
    {
        var time = new FakeTimeProvider();
        await using var app = await WithSourceAsync(time, "--Resync:PerMinute=2");
        using var client = new Client(app);
        for (var i = 0; i < 10; i++)
        {
            using var again = await client.StartAsync("/api/resync", ("Idempotency-Key", "the same"));
            Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
            using var dry = await client.StartAsync("/api/resync?dryRun=true");
            Assert.Equal(HttpStatusCode.OK, dry.StatusCode);
        }
        await client.EndsAsync(await client.PlaceAsync("/api/resync", ("Idempotency-Key", "the same")));
        await client.EndsAsync(await client.PlaceAsync("/api/resync?namespace=team-a"));

        using var answer = await client.StartAsync("/api/resync?namespace=team-b");

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("30", Assert.Single(answer.Headers.GetValues("Retry-After")));
        Assert.Contains("Resync__PerMinute", await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(30));
        using var later = await client.StartAsync("/api/resync?namespace=team-b");
        Assert.Equal(HttpStatusCode.Accepted, later.StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_read_is_a_failed_operation_that_says_why()
    {
        await using var app = await WithSourceAsync();
        using var client = new Client(app);
        app.Cluster.Fates = _ => Fate.Forbidden;

        var ended = await client.EndsAsync(await client.PlaceAsync("/api/resync?namespace=default"));

        Assert.Equal("Failed", ended.GetProperty("status").GetString());
        Assert.Equal("the cluster cannot be read: list secrets in default: 403 Forbidden", ended.GetProperty("problem").GetString());
    }

    [Theory]
    [InlineData(SignatureFilter.Signature, "sha256=", "{}", HttpStatusCode.Accepted)]
    [InlineData(SignatureFilter.Signature, "sha256=", "", HttpStatusCode.Accepted)]
    [InlineData(SignatureFilter.Signature, "sha1=", "{}", HttpStatusCode.Unauthorized)]
    [InlineData(SignatureFilter.Signature, "", "{}", HttpStatusCode.Unauthorized)]
    public async Task A_request_signed_as_github_signs_passes_without_the_key(string header, string prefix, string body, HttpStatusCode expected)
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app, key: null);

        using var answer = await client.StartAsync("/api/resync", body, (header, prefix + Hmac(Secret, body)));

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public void The_signature_is_githubs_own_example() => Assert.Equal(
        // From GitHub's documentation of validating webhook deliveries.
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", Hmac("It's a Secret to Everybody", "Hello, World!"));

    [Theory]
    [InlineData(SignatureFilter.Signature, "sha256=0000")]
    [InlineData(SignatureFilter.Signature, "")]
    [InlineData(SignatureFilter.Token, "wrong")]
    [InlineData(SignatureFilter.Token, "")]
    public async Task A_wrong_signature_opens_nothing_not_even_with_the_key(string header, string value)
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app);

        using var answer = await client.StartAsync("/api/resync", "{}", (header, value));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, app.Cluster.Writes);
    }

    [Fact]
    public async Task A_signature_of_another_body_or_by_another_secret_is_wrong()
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app, key: null);

        using var other = await client.StartAsync("/api/resync", "{\"a\":1}", (SignatureFilter.Signature, "sha256=" + Hmac(Secret, "{}")));
        using var forged = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Signature, "sha256=" + Hmac("another", "{}")));
        using var unnamed = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Signature, "sha257=" + Hmac(Secret, "{}")));

        Assert.All((HttpResponseMessage[])[other, forged, unnamed], answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
    }

    [Fact]
    public async Task Who_signs_and_shows_the_secret_must_do_both_right()
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app, key: null);
        (string, string) good = (SignatureFilter.Signature, "sha256=" + Hmac(Secret, "{}"));

        using var forged = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Signature, "sha256=" + Hmac("another", "{}")), (SignatureFilter.Token, Secret));
        using var guessed = await client.StartAsync("/api/resync", "{}", good, (SignatureFilter.Token, "wrong"));
        using var both = await client.StartAsync("/api/resync", "{}", good, (SignatureFilter.Token, Secret));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Accepted), (forged.StatusCode, guessed.StatusCode, both.StatusCode));
    }

    [Fact]
    public async Task A_request_with_gitlabs_token_passes_without_the_key()
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app, key: null);

        using var answer = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Token, Secret));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    [Fact]
    public async Task Where_no_secret_is_set_no_signature_opens()
    {
        await using var app = await WithSourceAsync();
        using var client = new Client(app, key: null);

        using var signed = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Signature, "sha256=" + Hmac("", "{}")));
        using var token = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Token, ""));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (signed.StatusCode, token.StatusCode));
        Assert.Contains("Resync__WebhookSecret", await signed.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_asks_to_come_again()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Secret + "\n", TestApp.Cancellation);
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecretFile={file}");
        using var client = new Client(app, key: null);
        File.Delete(file);

        using var answer = await client.StartAsync("/api/resync", "{}", (SignatureFilter.Token, Secret));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Githubs_ping_is_answered_and_does_nothing()
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app, key: null);

        using var answer = await client.StartAsync("/api/resync", "{}", ("X-GitHub-Event", "ping"), (SignatureFilter.Signature, "sha256=" + Hmac(Secret, "{}")));

        Assert.Equal((HttpStatusCode.OK, "pong\n"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestApp.Cancellation)));
        Assert.Equal(0, app.Cluster.Writes);
    }

    [Fact]
    public async Task A_signature_opens_no_other_door()
    {
        await using var app = await WithSourceAsync(null, $"--Resync:WebhookSecret={Secret}");
        using var client = new Client(app, key: null);
        foreach (var path in (string[])["/api/events", $"/api/resync/{Operations.IdOf(default, null)}", "/api/explain?namespace=default"])
        {
            using var answer = await client.SendAsync(path == "/api/events" ? HttpMethod.Post : HttpMethod.Get, path, (SignatureFilter.Token, Secret));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private static string Hmac(string secret, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));

    private static async Task<TestApp> WithSourceAsync(TimeProvider? time = null, params string[] settings)
    {
        var app = await TestApp.StartAsync(time, settings);
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b", "other");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        return app;
    }

    /// <summary>A caller that prefers not to wait.</summary>
    private sealed class Client : IDisposable
    {
        private readonly HttpClient http;

        public Client(TestApp app, string? key = TestApp.Key)
        {
            http = new HttpClient { BaseAddress = app.Http.BaseAddress };
            if (key is not null)
                http.DefaultRequestHeaders.Add(SharedKey.HeaderName, key);
            http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        }

        public Task<HttpResponseMessage> StartAsync(string path, params (string, string)[] headers) => StartAsync(path, "", headers);

        public Task<HttpResponseMessage> StartAsync(string path, string body, params (string, string)[] headers) => SendAsync(HttpMethod.Post, path, body, headers);

        public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string, string)[] headers) => SendAsync(method, path, null, headers);

        public async Task<string> PlaceAsync(string path, params (string, string)[] headers)
        {
            using var answer = await StartAsync(path, headers);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return Assert.Single(answer.Headers.GetValues("Operation-Location"));
        }

        /// <summary>Polls until it has ended.</summary>
        public async Task<JsonElement> EndsAsync(string place)
        {
            JsonElement json = default;
            await Eventually.IsAsync(
                async () =>
                {
                    using var answer = await SendAsync(HttpMethod.Get, place);
                    json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestApp.Cancellation)).RootElement;
                    Assert.Equal(answer.StatusCode == HttpStatusCode.OK, json.GetProperty("status").GetString() is "Succeeded" or "Failed");
                    return answer.StatusCode == HttpStatusCode.OK;
                },
                $"the end of {place}");
            return json;
        }

        public void Dispose() => http.Dispose();

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
                request.Content = new StringContent(body);
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            return await http.SendAsync(request, TestApp.Cancellation);
        }
    }
}
