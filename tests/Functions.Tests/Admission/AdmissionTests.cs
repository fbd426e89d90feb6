using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Fakes;
using Heliograph.Functions.Admission;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests.Admission;

/// <summary>The admission endpoint over HTTP: what is read, what is answered, and what is left alone.</summary>
public sealed class AdmissionTests
{
    private const string Path = "/api/admission?timeout=2s";
    private const string Payload = "cGF5bG9hZC1vZi1hLXNlY3JldA==";

    private static readonly JsonObject Copy = ReviewOf.Of("s", """{"hnc.x-k8s.io/inherited-from":"eng"}""", fields: $$"""{"data":{"a":"{{Payload}}"} }""");

    [Fact]
    public async Task A_refusal_bears_the_reviews_uid_and_what_the_user_is_to_be_told()
    {
        await using var app = await StartAsync();

        using var response = await app.PostAsync(Path, new ReviewOf("CREATE", Kinds.Role, "shop", "r") { Object = ReviewOf.Of("r", """{"hnc.x-k8s.io/inherited-from":"eng"}""") }.ToString(), "application/json");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            JsonNode.Parse(
                $$"""
                {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"{{ReviewOf.Uid}}","allowed":false,"status":{"status":"Failure",
                "message":"roles.rbac.authorization.k8s.io \"shop/r\" is forbidden: cannot create objects with the label \"hnc.x-k8s.io/inherited-from\"","reason":"Forbidden","code":403} } }
                """)!.ToJsonString(),
            JsonNode.Parse(await response.Content.ReadAsStringAsync(TestApp.Cancellation))!.ToJsonString());
        Assert.Equal(1, app.Measure()["heliograph.functions.reviews answer=refused"]);
    }

    [Fact]
    public async Task What_needs_no_look_at_the_tree_costs_no_request()
    {
        await using var app = await StartAsync();
        var before = app.Cluster.Lists.Count;
        var now = Copy.DeepClone();
        now["metadata"]!["finalizers"] = new JsonArray("a/b");

        Assert.Equal("allowed", await AskAsync(app, new ReviewOf("UPDATE", Kinds.Secret, "shop", "s") { Object = now, Old = Copy }));
        Assert.Equal("allowed", await AskAsync(app, new ReviewOf("DELETE", Kinds.Secret, "eng", "s") { Old = ReviewOf.Of("s") }));
        Assert.Equal("allowed", await AskAsync(app, new ReviewOf("UPDATE", Kinds.Namespace, "shop", "shop") { Object = ReviewOf.Of("shop"), Old = ReviewOf.Of("shop", """{"a":"b"}""") }));

        Assert.Equal(before, app.Cluster.Lists.Count);
        Assert.Equal(3, app.Measure()["heliograph.functions.reviews answer=allowed"]);
    }

    [Fact]
    public async Task Every_resource_has_its_rules()
    {
        await using var app = await StartAsync();
        app.Cluster.Do(user => user.CreateSecret("eng", "taken", []));
        app.Cluster.Do(user => user.CreateSecret("shop", "own", []));
        const string Secrets = """{"spec":{"resources":[{"resource":"secrets","mode":"Propagate"}]} }""";
        app.Cluster.Do(user => user.Create(Kinds.HncConfiguration, "", "config", (Json.Map)Json.Parse("""{"spec":{"resources":[{"resource":"secrets","mode":"Propagate"}]} }""")));

        await RefusesAsync(app, "403 secrets \"shop/s\" is forbidden: cannot delete object", new ReviewOf("DELETE", Kinds.Secret, "shop", "s") { Old = Copy });
        await RefusesAsync(app, "409 Operation cannot be fulfilled on secrets \"eng/own\": would overwrite", new ReviewOf("CREATE", Kinds.Secret, "eng", "own") { Object = ReviewOf.Of("own") });
        await RefusesAsync(app, "403 namespaces \"sub\" is forbidden: is a subnamespace", new ReviewOf("DELETE", Kinds.Namespace, "sub", "sub")
        {
            Old = ReviewOf.Of("sub", annotations: """{"hnc.x-k8s.io/subnamespace-of":"eng"}"""),
        });
        await RefusesAsync(app, "409 Operation cannot be fulfilled on subnamespaceanchors", new ReviewOf("CREATE", Kinds.SubnamespaceAnchor, "eng", "ops") { Object = ReviewOf.Of("ops") });
        await RefusesAsync(app, "403 hncconfigurations", new ReviewOf("DELETE", Kinds.HncConfiguration, "", "config") { Old = ReviewOf.Of("config") });
        await RefusesAsync(app, "422 HNCConfiguration", new ReviewOf("CREATE", Kinds.HncConfiguration, "", "config")
        {
            Object = ReviewOf.Of("config", fields: """{"spec":{"resources":[{"group":"rbac.authorization.k8s.io","resource":"roles"}]} }"""),
        });
        await RefusesAsync(app, "403 hierarchyconfigurations", new ReviewOf("CREATE", Kinds.HierarchyConfiguration, "ops", "hierarchy")
        {
            Object = ReviewOf.Of("hierarchy", fields: """{"spec":{"parent":"gone"} }"""),
        });
        Assert.Equal("allowed", await AskAsync(app, new ReviewOf("UPDATE", Kinds.HncConfiguration, "", "config") { Object = ReviewOf.Of("config", fields: Secrets), Old = ReviewOf.Of("config") }));
    }

    [Fact]
    public async Task A_move_takes_the_leave_of_those_above_and_overwrites_nothing()
    {
        await using var app = await StartAsync();
        app.Cluster.Do(user => user.Create(Kinds.HncConfiguration, "", "config", (Json.Map)Json.Parse("""{"spec":{"resources":[{"resource":"secrets","mode":"Propagate"}]} }""")));
        var asked = new ConcurrentQueue<string>();
        app.Cluster.Permits = (user, what, _) =>
        {
            asked.Enqueue($"{user.Name} {string.Join(',', user.Groups)} {string.Join(',', user.Extra["scopes"])}: {what}");
            return Task.FromResult(user.Name == "root");
        };
        var move = new ReviewOf("CREATE", Kinds.HierarchyConfiguration, "ops", "hierarchy") { Object = ReviewOf.Of("hierarchy", fields: """{"spec":{"parent":"shop"} }""") };

        await RefusesAsync(app, "401 user jane is not authorized to modify the subtree of shop, which is the proposed parent", move);
        Assert.Equal(["jane system:authenticated a,b: update hierarchyconfigurations.hnc.x-k8s.io in shop"], asked);
        Assert.Equal("allowed", await AskAsync(app, move with { User = "root" }));
        app.Cluster.Do(user => user.CreateSecret("eng", "s", []));
        app.Cluster.Do(user => user.CreateSecret("ops", "s", []));
        await RefusesAsync(app, "409 Operation cannot be fulfilled on hierarchyconfigurations.hnc.x-k8s.io \"hierarchy\": Cannot update hierarchy", move with { User = "root" });
    }

    [Fact]
    public async Task Our_own_service_accounts_do_what_they_must()
    {
        await using var app = await StartAsync();
        var delete = new ReviewOf("DELETE", Kinds.Role, "shop", "s") { Old = Copy, Groups = ["system:serviceaccounts", "system:serviceaccounts:heliograph"] };
        await using var elsewhere = await StartAsync(settings: "--Admission:OwnNamespace=elsewhere");

        Assert.Equal("allowed", await AskAsync(app, delete));
        await RefusesAsync(elsewhere, "403", delete);
        Assert.Equal("allowed", await AskAsync(elsewhere, delete with { Groups = ["system:serviceaccounts:elsewhere"] }));
        await RefusesAsync(app, "403", delete with { Groups = ["system:serviceaccounts:heliograph-dev"] });
    }

    [Fact]
    public async Task While_the_tree_cannot_be_read_nothing_passes_that_depends_on_it()
    {
        await using var app = await StartAsync();
        app.Cluster.Fates = request => request.Kind == Kinds.HierarchyConfiguration ? Fate.Refuse(503, "ServiceUnavailable") : Fate.Pass;

        await RefusesAsync(app, "503 the tree of namespaces is not synced yet (list hierarchyconfigurations: 503", new ReviewOf("DELETE", Kinds.Role, "shop", "s") { Old = Copy });
        Assert.Equal("allowed", await AskAsync(app, new ReviewOf("UPDATE", Kinds.Role, "shop", "s") { Object = Copy, Old = Copy }));
        Assert.Equal(1, app.Measure()["heliograph.functions.reviews answer=unavailable"]);

        app.Cluster.Fates = _ => Fate.Pass;
        await RefusesAsync(app, "403", new ReviewOf("DELETE", Kinds.Role, "shop", "s") { Old = Copy });
    }

    [Fact]
    public async Task What_takes_longer_than_the_api_server_waits_is_refused_in_time()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(time);
        var reached = new TaskCompletionSource();
        app.Cluster.Permits = async (_, _, cancellation) =>
        {
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            return true;
        };
        var move = AskAsync(app, new ReviewOf("CREATE", Kinds.HierarchyConfiguration, "ops", "hierarchy") { Object = ReviewOf.Of("hierarchy", fields: """{"spec":{"parent":"shop"} }""") });
        await reached.Task.WaitAsync(TestApp.Cancellation);

        time.Advance(TimeSpan.FromSeconds(1.69));
        Assert.False(move.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.01));

        Assert.StartsWith("503 the tree of namespaces is not synced yet (not read within 1.7 s)", await move, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_objects_at_once_read_the_tree_once_and_nothing_is_refused_by_an_old_one()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await StartAsync(time);
        var create = new ReviewOf("CREATE", Kinds.Role, "shop", "r") { Object = ReviewOf.Of("r") };
        int Trees() => app.Cluster.Lists.Count(scope => scope.Depth == Engine.ReadDepth.Content);
        var before = Trees();

        for (var i = 0; i < 5; i++)
            Assert.Equal("allowed", await AskAsync(app, create));
        Assert.Equal(before + 2, Trees());

        await RefusesAsync(app, "403", new ReviewOf("DELETE", Kinds.Role, "shop", "s") { Old = Copy });
        Assert.Equal(before + 4, Trees());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("allowed", await AskAsync(app, create));
        Assert.Equal(before + 6, Trees());
    }

    [Theory]
    [InlineData("", "this is no JSON")]
    [InlineData("{\"kind\":", "this is no JSON")]
    [InlineData("[]", "this is no AdmissionReview of admission.k8s.io/v1")]
    [InlineData("\"x\"", "this is no AdmissionReview of admission.k8s.io/v1")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}""", "this is no AdmissionReview of admission.k8s.io/v1")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}""", "the AdmissionReview has no request")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}""", "the request of the AdmissionReview has no uid")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"7","resource":"x"}}""", "the request of the AdmissionReview names no resource")]
    public async Task What_is_no_review_is_told_so(string body, string problem)
    {
        await using var app = await StartAsync();
        using var response = await app.PostAsync(Path, body, "application/json");
        Assert.Equal((HttpStatusCode.BadRequest, problem + "\n"), (response.StatusCode, await response.Content.ReadAsStringAsync(TestApp.Cancellation)));
    }

    [Theory]
    [InlineData("""{"object":7,"oldObject":[],"userInfo":[],"operation":null}""", "allowed")]
    [InlineData("""{"object":7,"operation":"CREATE","userInfo":{"groups":"system:serviceaccounts:heliograph"} }""", "400 the review of Create secrets x/y holds no object")]
    [InlineData("""{"object":{"metadata":[]},"operation":"CREATE","userInfo":{"extra":7} }""", "allowed")]
    [InlineData("""{"object":{"metadata":{"labels":{"hnc.x-k8s.io/inherited-from":7},"annotations":7} },"operation":"CREATE"}""", "allowed")]
    public async Task A_review_that_makes_no_sense_does_no_harm(string request, string told)
    {
        await using var app = await StartAsync();
        var review = JsonNode.Parse(request)!.AsObject();
        (review["uid"], review["namespace"], review["name"], review["resource"]) = ("7", "x", "y", new JsonObject { ["resource"] = "secrets" });
        Assert.Equal(told, await AskAsync(app, new JsonObject { ["kind"] = "AdmissionReview", ["apiVersion"] = "admission.k8s.io/v1", ["request"] = review }.ToJsonString()));
    }

    [Fact]
    public async Task What_is_too_large_is_not_read()
    {
        await using var app = await StartAsync();
        var large = ReviewOf.Of("s", fields: $$"""{"data":{"a":"{{new string('a', 3 << 20)}}"} }""");
        Assert.Equal("allowed", await AskAsync(app, new ReviewOf("UPDATE", Kinds.Secret, "shop", "s") { Object = large, Old = large }));

        using var response = await app.PostAsync(Path, new string(' ', AdmissionEndpoint.MaxBody + 1), "application/json", ("Expect", "100-continue"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Nothing_of_what_is_reviewed_is_told()
    {
        await using var app = await StartAsync();
        var edited = Copy.DeepClone();
        edited["data"]!["a"] = Payload + "x";

        using var refused = await app.PostAsync(Path, new ReviewOf("UPDATE", Kinds.Role, "shop", "s") { Object = edited, Old = Copy }.ToString(), "application/json");
        using var broken = await app.PostAsync(Path, "{\"data\":" + Payload, "application/json");

        foreach (var answer in (HttpResponseMessage[])[refused, broken])
            Assert.DoesNotContain(Payload, await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(app.Log.Lines, line => line.Message.Contains(Payload, StringComparison.Ordinal));
        Assert.Contains(app.Log.Lines, line => line.Message == "refused: Update roles.rbac.authorization.k8s.io shop/s: 403 Forbidden");
    }

    [Fact]
    public async Task Where_inheritance_is_off_whoever_asks_is_told_so()
    {
        await using var app = await TestApp.StartAsync();
        await RefusesAsync(app, "503 inheritance is off: set Inheritance__Enabled", new ReviewOf("CREATE", Kinds.Secret, "a", "b") { Object = ReviewOf.Of("b") });
    }

    [Fact]
    public async Task The_key_is_wanted_only_where_that_is_said()
    {
        var review = new ReviewOf("UPDATE", Kinds.Secret, "shop", "s") { Object = Copy, Old = Copy }.ToString();
        foreach (var (settings, expected) in ((string[], HttpStatusCode)[])[([], HttpStatusCode.OK), (["--Admission:RequireKey=true"], HttpStatusCode.Unauthorized)])
        {
            await using var app = await StartAsync(settings: settings);
            using var keyless = new HttpClient { BaseAddress = app.Http.BaseAddress };
            using var body = new StringContent(review, Encoding.UTF8, "application/json");
            using var response = await keyless.PostAsync(new Uri(Path, UriKind.Relative), body, TestApp.Cancellation);
            Assert.Equal(expected, response.StatusCode);
            Assert.Equal("allowed", await AskAsync(app, review));
        }
    }

    [Theory]
    [InlineData("setting Admission__CertificateFile and Admission__CertificateKeyFile must be set, because Admission__Listen is", "--Admission:Listen=https://127.0.0.1:8443")]
    [InlineData("setting Admission__Listen is \"http://127.0.0.1:8443\", which is not an address such as https://0.0.0.0:8443", "--Admission:Listen=http://127.0.0.1:8443")]
    [InlineData("setting Admission__CertificateFile and Admission__CertificateKeyFile must be set together", "--Admission:CertificateFile=/nowhere")]
    public void A_mistake_is_said_at_the_start(string problem, params string[] settings)
    {
        var mistake = Assert.Throws<SettingsException>(() => FunctionsApp.Build(["--Functions:Key=x", .. settings]));
        Assert.Contains(problem, mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2s", 2000)]
    [InlineData("1.5s", 1500)]
    [InlineData("500ms", 500)]
    [InlineData("1m0s", 60000)]
    [InlineData("1m1.5s", 61500)]
    [InlineData("", null)]
    [InlineData("2", null)]
    [InlineData("s", null)]
    [InlineData("-2s", null)]
    [InlineData("2h", null)]
    [InlineData("0s", null)]
    [InlineData("9999s", null)]
    public void Timeouts_are_read_as_api_servers_write_them(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)AdmissionEndpoint.DurationOf(text)?.TotalMilliseconds);

    private static async Task<TestApp> StartAsync(TimeProvider? time = null, params string[] settings)
    {
        var app = await TestApp.StartAsync(
            time, ["--Inheritance:Enabled=true", "--Inheritance:TrustChildren=true", "--Replication:Kinds=Secret,ConfigMap,Role,RoleBinding", .. settings]);
        foreach (var ns in (string[])["eng", "shop", "ops"])
            app.Cluster.Do(user => user.CreateNamespace(ns));
        app.Cluster.Do(user => user.Create(Kinds.Namespace, "", "sub", annotations: [new(Vocabulary.Hnc.SubnamespaceOf, "eng")]));
        app.Cluster.Do(user => user.Create(Kinds.SubnamespaceAnchor, "eng", "sub"));
        app.Cluster.Do(user => user.Create(Kinds.HierarchyConfiguration, "shop", "hierarchy", (Json.Map)Json.Parse("""{"spec":{"parent":"eng"} }""")));
        return app;
    }

    private static async Task RefusesAsync(TestApp app, string told, ReviewOf review) => Assert.StartsWith(told, await AskAsync(app, review), StringComparison.Ordinal);

    internal static Task<string> AskAsync(TestApp app, ReviewOf review) => AskAsync(app, review.ToString());

    /// <summary>The answer as <c>code message</c>, or <c>allowed</c>.</summary>
    private static async Task<string> AskAsync(TestApp app, string review)
    {
        using var response = await app.PostAsync(Path, review, "application/json");
        var text = await response.Content.ReadAsStringAsync(TestApp.Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        using var answer = JsonDocument.Parse(text);
        var told = answer.RootElement.GetProperty("response");
        return told.GetProperty("allowed").GetBoolean() ? "allowed"
            : $"{told.GetProperty("status").GetProperty("code").GetInt32()} {told.GetProperty("status").GetProperty("message").GetString()}";
    }
}
