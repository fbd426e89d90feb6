using System.Text.Json;
using Heliograph.Fakes;
using Heliograph.Model;

namespace Heliograph.Functions.Tests;

/// <summary>The webhook that makes the world be looked at without any event.</summary>
public sealed class ResyncTests
{
    [Theory]
    [InlineData("", 200, "2 done")]
    [InlineData("?namespace=default", 200, "2 done")]
    [InlineData("?namespace=team-a", 200, "1 done")]
    [InlineData("?kind=Secret&namespace=default&name=registry", 200, "2 done")]
    [InlineData("?kind=secrets&namespace=team-a&name=registry", 200, "2 done")]
    [InlineData("?namespace=nowhere", 200, "no mirrors")]
    [InlineData("?kind=Secret", 400, "one object is named by kind, namespace and name together")]
    [InlineData("?kind=Secret&namespace=default", 400, "one object is named by kind, namespace and name together")]
    [InlineData("?name=registry", 400, "one object is named by kind, namespace and name together")]
    [InlineData("?namespace=default&name=registry", 400, "one object is named by kind, namespace and name together")]
    [InlineData("?kind=Pod&namespace=default&name=registry", 400, "kind Pod is not served; served are Secret, ConfigMap (setting Replication__Kinds)")]
    [InlineData("?dryRun=perhaps", 400, "dryRun is \"perhaps\"; it can be true or false")]
    [InlineData("?dryrun2=true", 400, "there is no parameter \"dryrun2\"; there are kind, namespace, name, dryRun")]
    [InlineData("?namespace=", 400, "the parameter namespace needs one value")]
    [InlineData("?namespace=a&namespace=b", 400, "the parameter namespace needs one value")]
    public async Task It_says_what_it_did_or_what_is_wrong_with_the_question(string query, int status, string said)
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/resync" + query);

        Assert.Equal((status, said), ((int)answer.StatusCode, (await answer.Content.ReadAsStringAsync(TestApp.Cancellation)).Split('\n')[^2]));
    }

    [Fact]
    public async Task A_dry_run_tells_the_plan_and_does_nothing()
    {
        await using var app = await WithSourceAsync();
        var before = app.Cluster.Version;

        using var answer = await app.PostAsync("/api/resync?dryRun=true");

        Assert.Equal(
            """
            create     Secret/default/registry -> team-a/registry  Missing
            create     Secret/default/registry -> team-b/registry  Missing
            2 to do

            """,
            await answer.Content.ReadAsStringAsync(TestApp.Cancellation));
        Assert.Equal((before, 0, 0), (app.Cluster.Version, app.Cluster.Writes, app.Cluster.EventRequests));
        Assert.Equal(0, app.Measure()["heliograph.functions.cells reason=Missing result=Planned"]);
    }

    [Fact]
    public async Task The_plan_is_json_where_that_is_accepted()
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/resync?dryRun=true", headers: ("Accept", "application/json"));

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestApp.Cancellation));
        Assert.True(json.RootElement.GetProperty("dryRun").GetBoolean());
        Assert.True(json.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(
            ["Secret/team-a/registry Write Missing Planned", "Secret/team-b/registry Write Missing Planned"],
            json.RootElement.GetProperty("cells").EnumerateArray().Select(cell =>
                $"{cell.GetProperty("mirror")} {cell.GetProperty("act")} {cell.GetProperty("reason")} {cell.GetProperty("result")}"));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    public async Task What_did_not_come_about_is_said_in_the_status_too(string accept)
    {
        await using var app = await WithSourceAsync();
        app.Cluster.Fates = request => request.IsWrite ? Fate.TooManyRequests(TimeSpan.FromSeconds(1)) : Fate.Pass;

        using var answer = await app.PostAsync("/api/resync", headers: ("Accept", accept));

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal("1", Assert.Single(answer.Headers.GetValues("Retry-After")));
    }

    [Fact]
    public async Task An_api_server_that_cannot_be_read_is_said_plainly()
    {
        await using var app = await WithSourceAsync();
        app.Cluster.Fates = _ => Fate.Forbidden;

        using var answer = await app.PostAsync("/api/resync?namespace=default");

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal("the cluster cannot be read: list secrets in default: 403 Forbidden\n", await answer.Content.ReadAsStringAsync(TestApp.Cancellation));
    }

    [Fact]
    public async Task Twice_is_once()
    {
        await using var app = await WithSourceAsync();
        using var first = await app.PostAsync("/api/resync");
        var version = app.Cluster.Version;

        using var second = await app.PostAsync("/api/resync");

        Assert.Equal("2 up to date\n", await second.Content.ReadAsStringAsync(TestApp.Cancellation));
        Assert.Equal(version, app.Cluster.Version);
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
    }

    private static async Task<TestApp> WithSourceAsync()
    {
        var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b", "other");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        return app;
    }
}
