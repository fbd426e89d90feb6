using Heliograph.Engine;
using Heliograph.Model;
using Microsoft.AspNetCore.Http;

namespace Heliograph.Cluster.Tests;

/// <summary>What becomes of answers that a healthy API server does not give, and of none at all.</summary>
public sealed class FailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(400, FailureKind.Never)]
    [InlineData(401, FailureKind.Unauthenticated)]
    [InlineData(403, FailureKind.NotAllowed)]
    [InlineData(404, FailureKind.Gone)]
    [InlineData(405, FailureKind.Never)]
    [InlineData(408, FailureKind.NotNow)]
    [InlineData(409, FailureKind.Overtaken)]
    [InlineData(410, FailureKind.NotNow)]
    [InlineData(412, FailureKind.Overtaken)]
    [InlineData(413, FailureKind.Never)]
    [InlineData(415, FailureKind.Never)]
    [InlineData(422, FailureKind.Never)]
    [InlineData(429, FailureKind.NotNow)]
    [InlineData(500, FailureKind.NotNow)]
    [InlineData(502, FailureKind.NotNow)]
    [InlineData(503, FailureKind.NotNow)]
    [InlineData(504, FailureKind.NotNow)]
    public async Task A_status_without_a_body_is_understood_by_its_number(int statusCode, FailureKind kind)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.StatusCode = statusCode;
            return Task.CompletedTask;
        });
        using var client = server.Connect();

        var failure = await RefusalAsync(client);

        Assert.Equal((kind, statusCode), (failure.Kind, failure.StatusCode));
        Assert.NotEmpty(failure.Reason);
        Assert.Equal(kind is FailureKind.NotNow or FailureKind.Unauthenticated, failure.Heals);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var paths = new List<string>();
        await using var server = await StubServer.StartAsync(context =>
        {
            paths.Add(context.Request.Path);
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var client = server.Connect();

        var failure = await RefusalAsync(client);

        Assert.Equal((FailureKind.Never, 307), (failure.Kind, failure.StatusCode));
        Assert.Equal("/api/v1/namespaces/team/secrets", Assert.Single(paths));
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", null)]
    [InlineData("-3", null)]
    [InlineData("soon", null)]
    [InlineData("99999999", 3600)]
    public async Task Retry_After_is_told(string header, int? seconds)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = header;
            return StubServer.JsonAsync(context, 429, """{"kind":"Status","reason":"TooManyRequests"}""");
        });
        using var client = server.Connect();

        var failure = await RefusalAsync(client);

        Assert.Equal((FailureKind.NotNow, "TooManyRequests"), (failure.Kind, failure.Reason));
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, failure.RetryAfter);
    }

    [Fact]
    public async Task Where_the_header_is_missing_the_status_may_say_how_long_to_wait()
    {
        await using var server = await StubServer.StartAsync(
            context => StubServer.JsonAsync(context, 503, """{"kind":"Status","details":{"retryAfterSeconds":5}}"""));
        using var client = server.Connect();

        var failure = await RefusalAsync(client);

        Assert.Equal((FailureKind.NotNow, "ServiceUnavailable", TimeSpan.FromSeconds(5)), (failure.Kind, failure.Reason, failure.RetryAfter));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_leaves_the_write_unanswered()
    {
        await using var server = await StubServer.StartAsync(ForEverAsync);
        using var client = server.Connect(timeout: TimeSpan.FromMilliseconds(300));

        var failure = await RefusalAsync(client);

        Assert.Equal((FailureKind.Unanswered, 0, "Timeout"), (failure.Kind, failure.StatusCode, failure.Reason));
        Assert.Equal("create Secret team/registry: no answer (Timeout)", failure.ToString());
    }

    [Fact]
    public async Task A_body_that_does_not_end_in_time_leaves_it_unanswered_too()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{\"metadata\":", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await ForEverAsync(context);
        });
        using var client = server.Connect(timeout: TimeSpan.FromMilliseconds(500));

        Assert.Equal((FailureKind.Unanswered, "Timeout"), await KindAsync(client));
        Assert.Equal(FailureKind.Unanswered, (await ListFailureAsync(client)).Kind);
    }

    [Fact]
    public async Task The_caller_s_own_cancellation_stays_one()
    {
        var reached = new TaskCompletionSource();
        await using var server = await StubServer.StartAsync(context =>
        {
            reached.TrySetResult();
            return ForEverAsync(context);
        });
        using var client = server.Connect();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var sending = client.SendAsync(Writing.Create(Kinds.Secret, "team", "registry", "{}"), stop.Token);
        await reached.Task.WaitAsync(Cancellation);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_connection_that_is_cut_leaves_it_unanswered_and_nothing_is_sent_again()
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(async context =>
        {
            Interlocked.Increment(ref requests);
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Abort();
        });
        using var client = server.Connect();

        var (kind, _) = await KindAsync(client);

        Assert.Equal((FailureKind.Unanswered, 1), (kind, requests));
    }

    [Theory]
    [InlineData("<html>Log in, please</html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"metadata\":{},\"items\":[]}")]
    [InlineData("{\"metadata\":{\"resourceVersion\":\"7\"}}")]
    [InlineData("{\"metadata\":{\"name\":\"cut")]
    [InlineData("{\"metadata\":{\"uid\":\"\\ud800\"}}")]
    public async Task An_answer_that_makes_no_sense_leaves_it_unanswered(string body)
    {
        await using var server = await StubServer.StartAsync(context => StubServer.JsonAsync(context, 200, body));
        using var client = server.Connect();

        var failure = await RefusalAsync(client);

        Assert.Equal((FailureKind.Unanswered, 200, "MalformedAnswer"), (failure.Kind, failure.StatusCode, failure.Reason));
        Assert.Equal(FailureKind.Unanswered, (await ListFailureAsync(client)).Kind);
        Assert.Equal(FailureKind.Unanswered, (await GetFailureAsync(client)).Kind);
    }

    [Fact]
    public async Task An_endless_answer_is_not_read_to_its_end()
    {
        var text = new string('x', 64 << 10);
        await using var server = await StubServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{\"metadata\":{\"name\":\"", context.RequestAborted);
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(text, context.RequestAborted);
        });
        using var client = server.Connect();

        Assert.Equal((FailureKind.Unanswered, "AnswerTooLarge"), await KindAsync(client));
        Assert.Equal("AnswerTooLarge", (await GetFailureAsync(client)).Reason);
        Assert.Equal("AnswerTooLarge", (await ListFailureAsync(client)).Reason);
        Assert.Equal("AnswerTooLarge", (await WatchFailureAsync(client, TimeSpan.FromSeconds(20))).Reason);
    }

    [Fact]
    public async Task A_list_whose_page_expired_begins_anew_and_holds_nothing_twice()
    {
        var requests = new List<string>();
        await using var server = await StubServer.StartAsync(context =>
        {
            var token = context.Request.Query["continue"].ToString();
            requests.Add(token);
            return (token, requests.Count) switch
            {
                ("", 1) => StubServer.JsonAsync(context, 200, Page("1", "next", "a", "b")),
                (_, 2) => StubServer.JsonAsync(context, 410, """{"kind":"Status","reason":"Expired"}"""),
                ("", 3) => StubServer.JsonAsync(context, 200, Page("2", "next", "b", "c")),
                _ => StubServer.JsonAsync(context, 200, Page("2", "", "d")),
            };
        });
        using var client = server.Connect();

        var listing = await client.ListAsync(Kinds.Secret, default, keep: null, Cancellation);

        Assert.Equal(["b", "c", "d"], listing.Items.Select(item => item.Name));
        Assert.Equal("2", listing.ResourceVersion);
        Assert.Equal(["", "next", "", "next"], requests);
    }

    [Fact]
    public async Task A_list_that_expires_again_and_again_is_given_up()
    {
        var requests = 0;
        await using var server = await StubServer.StartAsync(context => Interlocked.Increment(ref requests) % 2 == 1
            ? StubServer.JsonAsync(context, 200, Page("1", "next", "a"))
            : StubServer.JsonAsync(context, 410, """{"kind":"Status","reason":"Expired"}"""));
        using var client = server.Connect();

        var failure = await ListFailureAsync(client);

        Assert.Equal((FailureKind.NotNow, 410, "Expired", 6), (failure.Kind, failure.StatusCode, failure.Reason, requests));
    }

    [Fact]
    public async Task A_watch_refused_as_such_throws_with_its_status()
    {
        await using var server = await StubServer.StartAsync(context => StubServer.JsonAsync(context, 410, """{"kind":"Status","reason":"Expired","code":410}"""));
        using var client = server.Connect();

        var failure = await WatchFailureAsync(client, TimeSpan.FromSeconds(20));

        Assert.Equal((FailureKind.NotNow, 410, "Expired"), (failure.Kind, failure.StatusCode, failure.Reason));
    }

    [Fact]
    public async Task A_watch_asks_for_what_it_needs()
    {
        var query = "";
        var accept = "";
        await using var server = await StubServer.StartAsync(context =>
        {
            (query, accept) = (context.Request.QueryString.Value!, context.Request.Headers.Accept.ToString());
            return Task.CompletedTask;
        });
        using var client = server.Connect();

        await foreach (var line in client.WatchAsync(Kinds.Secret, "17", TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6), Cancellation))
            Assert.Fail($"There is no line, but {line}.");

        Assert.Equal("?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=17&fieldSelector=type%21%3Dhelm.sh%2Frelease.v1", query);
        Assert.Equal("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", accept);
    }

    [Fact]
    public async Task No_request_but_one_for_content_asks_for_any_payload()
    {
        var accepted = new List<string>();
        await using var server = await StubServer.StartAsync(context =>
        {
            accepted.Add($"{context.Request.Method} {context.Request.Headers.Accept} {context.Request.ContentType}");
            return StubServer.JsonAsync(context, 200, """{"metadata":{"name":"registry","uid":"u","resourceVersion":"1"},"items":[]}""");
        });
        using var client = server.Connect();

        await client.ListAsync(Kinds.Secret, default, keep: null, Cancellation);
        await client.GetAsync(Kinds.Secret, "team", "registry", ReadDepth.Metadata, Cancellation);
        await client.GetAsync(Kinds.Secret, "team", "registry", ReadDepth.Content, Cancellation);
        foreach (var write in (Rules.Write[])
            [
                Writing.Create(Kinds.Secret, "team", "registry", "{}"), Writing.Replace(Kinds.Secret, "team", "registry", "{}"),
                Writing.Patch(Kinds.Secret, "team", "registry", "{}"), Writing.Apply(Kinds.Secret, "team", "registry", "{}"),
                Writing.Delete(Kinds.Secret, "team", "registry"),
            ])
            Assert.IsType<WriteResult.Done>(await client.SendAsync(write, Cancellation));

        const string metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        Assert.Equal(
            [
                "GET application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1 ", $"GET {metadata} ", "GET application/json ",
                $"POST {metadata} application/json", $"PUT {metadata} application/json", $"PATCH {metadata} application/merge-patch+json",
                $"PATCH {metadata} application/apply-patch+yaml", $"DELETE {metadata} application/json",
            ],
            accepted);
    }

    [Fact]
    public async Task A_silent_watch_ends()
    {
        var lines = 0;
        await using var server = await StubServer.StartAsync(async context =>
        {
            await LineAsync(context, """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}""");
            await ForEverAsync(context);
        });
        using var client = server.Connect();

        var failure = await WatchFailureAsync(client, TimeSpan.FromSeconds(1), _ => lines++);

        Assert.Equal((FailureKind.Unanswered, "Silent", 1), (failure.Kind, failure.Reason, lines));
    }

    [Fact]
    public async Task Lines_of_every_form_are_read_and_unknown_ones_passed_over()
    {
        var lines = new List<WatchLine>();
        await using var server = await StubServer.StartAsync(async context =>
        {
            await LineAsync(context, """{"type":"BOOKMARK","object":{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"5","creationTimestamp":null},"data":null}}""");
            await LineAsync(context, """{"object":{"metadata":{"name":"a","namespace":"n"}},"more":[1,{}],"type":"ADDED"}""");
            await LineAsync(context, """{"type":"SOMETHING","object":{}}""");
            await LineAsync(context, "");
            await LineAsync(context, """{"type":"ERROR","object":{"kind":"Status","message":"secret","reason":"Expired","code":410}}""");
        });
        using var client = server.Connect();

        await foreach (var line in client.WatchAsync(Kinds.Secret, "1", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), Cancellation))
            lines.Add(line);

        Assert.Equal(3, lines.Count);
        Assert.Equal(new WatchLine.Bookmark("5"), lines[0]);
        Assert.Equal("a", Assert.IsType<WatchLine.Added>(lines[1]).Object.Name);
        Assert.Equal(new WatchLine.Failed(410, "Expired"), lines[2]);
    }

    [Theory]
    [InlineData("no json\n")]
    [InlineData("[]\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\\ud800\"}}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}")]
    public async Task A_watch_that_makes_no_sense_fails(string text)
    {
        await using var server = await StubServer.StartAsync(context => context.Response.WriteAsync(text, context.RequestAborted));
        using var client = server.Connect();

        var failure = await WatchFailureAsync(client, TimeSpan.FromSeconds(20));

        Assert.Equal(FailureKind.Unanswered, failure.Kind);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_no_answer()
    {
        var server = await StubServer.StartAsync(_ => Task.CompletedTask);
        using var client = server.Connect();
        await server.DisposeAsync();

        Assert.Equal((FailureKind.Unanswered, "ConnectionError"), await KindAsync(client));
        await Assert.ThrowsAsync<ClusterException>(() => client.GetVersionAsync(Cancellation));
    }

    [Fact]
    public async Task Requests_share_one_HTTP_2_connection()
    {
        var connections = new HashSet<string>();
        var protocols = new HashSet<string>();
        await using var server = await StubServer.StartAsync(context =>
        {
            lock (connections)
            {
                connections.Add(context.Connection.Id);
                protocols.Add(context.Request.Protocol);
            }
            return StubServer.JsonAsync(context, 201, """{"metadata":{"name":"a","uid":"u","resourceVersion":"1"}}""");
        });
        using var client = server.Connect();

        await KindOrDoneAsync(client);
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => KindOrDoneAsync(client)));

        Assert.All(results, result => Assert.Equal(new WriteResult.Done("u", "1"), result));
        Assert.Equal("HTTP/2", Assert.Single(protocols));
        Assert.Single(connections);
    }

    private static string Page(string version, string token, params string[] names) =>
        $$"""
        {"kind":"PartialObjectMetadataList","metadata":{"resourceVersion":"{{version}}","continue":"{{token}}"},
         "items":[{{string.Join(',', names.Select(name => "{\"metadata\":{\"name\":\"" + name + "\",\"namespace\":\"n\"}}"))}}]}
        """;

    private static async Task LineAsync(HttpContext context, string line)
    {
        await context.Response.WriteAsync(line + "\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task ForEverAsync(HttpContext context)
    {
        var aborted = new TaskCompletionSource();
        await using (context.RequestAborted.Register(aborted.SetResult))
            await aborted.Task;
    }

    private static Task<WriteResult> KindOrDoneAsync(KubernetesCluster client) =>
        client.SendAsync(Writing.Create(Kinds.Secret, "team", "registry", Writing.Secret("registry", "")), Cancellation);

    private static async Task<Failure> RefusalAsync(KubernetesCluster client) => Assert.IsType<WriteResult.Refused>(await KindOrDoneAsync(client)).Failure;

    private static async Task<(FailureKind, string)> KindAsync(KubernetesCluster client)
    {
        var failure = await RefusalAsync(client);
        return (failure.Kind, failure.Reason);
    }

    private static async Task<Failure> ListFailureAsync(KubernetesCluster client) =>
        (await Assert.ThrowsAsync<ClusterException>(() => client.ListAsync(Kinds.Secret, default, keep: null, Cancellation))).Failure;

    private static async Task<Failure> GetFailureAsync(KubernetesCluster client) =>
        (await Assert.ThrowsAsync<ClusterException>(() => client.GetAsync(Kinds.Secret, "team", "registry", ReadDepth.Content, Cancellation))).Failure;

    private static async Task<Failure> WatchFailureAsync(KubernetesCluster client, TimeSpan silence, Action<WatchLine>? seen = null)
    {
        var failure = await Assert.ThrowsAsync<ClusterException>(async () =>
        {
            await foreach (var line in client.WatchAsync(Kinds.Secret, "1", TimeSpan.FromSeconds(30), silence, Cancellation))
                seen?.Invoke(line);
        });
        return failure.Failure;
    }
}
