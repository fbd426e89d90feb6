using System.Text.Json;
using Heliograph.Fakes;
using Heliograph.Functions.Tests.Events;
using Heliograph.Model;

namespace Heliograph.Functions.Tests.Explaining;

/// <summary>What explain says of a world in which something of everything stands.</summary>
public sealed class ExplainTests
{
    [Fact]
    public async Task A_source_is_explained_for_every_namespace()
    {
        await using var app = await WithWorldAsync();

        Assert.Equal(
            (200, """
            Secret default/registry (version *)
              source          pushes by Reflector's rules to namespaces: named "team-.*,closed" (reflection-allowed-namespaces)
              source          may be pulled by namespaces: named "team-.*,closed" (reflection-allowed-namespaces)

            as a source: 2 mirrored, 1 to update, 3 refused, 2 not mirrored
              mirrored        UpToDate: reflection-allowed-namespaces: "team-.*" matches <namespace>
                              team-a, team-c
              to update       Requested: reflection-allowed-namespaces: "team-.*" matches team-c
                              team-c/copy
              refused         Conflict: Secret/team-b/registry exists and is not a mirror; delete it, or annotate it with heliograph.dev/adopt: "true"
                              team-b
              refused         NotPermitted: reflection-allowed-namespaces: no pattern of "team-.*,closed" matches other
                              other/copy
              refused         NotAccepted: namespace closed accepts sources of "vault" only (heliograph.dev/accept-from)
                              closed
              not mirrored    NotSelected: reflection-allowed-namespaces: no pattern of "team-.*,closed" matches <namespace>
                              kube-system, other

            who may pull it: 4 of 7 namespaces
              permitted       reflection-allowed-namespaces: "closed" matches closed
                              closed
              permitted       reflection-allowed-namespaces: "team-.*" matches <namespace>
                              team-a, team-b, team-c
              not permitted   reflection-allowed-namespaces: no pattern of "team-.*,closed" matches <namespace>
                              default, kube-system, other

            """),
            await AskAsync(app, "kind=Secret&namespace=default&name=registry"));
    }

    [Fact]
    public async Task A_pair_is_a_source_in_one_namespace()
    {
        await using var app = await WithWorldAsync();

        Assert.Equal(
            (200, """
            Secret default/registry (version *)
              source          pushes by Reflector's rules to namespaces: named "team-.*,closed" (reflection-allowed-namespaces)
              source          may be pulled by namespaces: named "team-.*,closed" (reflection-allowed-namespaces)

            as a source: in other
              refused         NotPermitted: reflection-allowed-namespaces: no pattern of "team-.*,closed" matches other
                              other/copy
              not mirrored    NotSelected: reflection-allowed-namespaces: no pattern of "team-.*,closed" matches other
                              other

            who may pull it: in other
              not permitted   reflection-allowed-namespaces: no pattern of "team-.*,closed" matches other
                              other

            """),
            await AskAsync(app, "kind=secrets&namespace=default&name=registry&in=other"));
    }

    [Fact]
    public async Task A_namespace_is_explained_for_every_source()
    {
        await using var app = await WithWorldAsync();

        Assert.Equal(
            (200, """
            namespace team-c

            mirrors: 1 mirrored, 1 to update, 2 refused, 1 not mirrored
              mirrored        UpToDate: reflection-allowed-namespaces: "team-.*" matches team-c
                              Secret/default/registry
              to update       Requested: reflection-allowed-namespaces: "team-.*" matches team-c
                              Secret/default/registry as copy
              refused         SourceGone: Secret/default/gone does not exist
                              Secret/default/gone
              refused         NeverASource: a Secret of type kubernetes.io/service-account-token is never copied
                              Secret/default/token
              not mirrored    Invalid: reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name
                              Secret/default/typo

            may be pulled from here: 1 of 3 sources
              permitted       reflection-allowed-namespaces: "team-.*" matches team-c
                              Secret/default/registry
              not permitted   a Secret of type kubernetes.io/service-account-token is never copied
                              Secret/default/token
              not permitted   reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name
                              Secret/default/typo

            """),
            await AskAsync(app, "namespace=team-c"));
    }

    [Theory]
    [InlineData("team-a", "registry", """
        Secret team-a/registry (version *)
          mirror          was made by Heliograph as a mirror of Secret/default/registry; it is never pushed on

        as a mirror
          mirrored        UpToDate: reflection-allowed-namespaces: "team-.*" matches team-a
                          Secret/default/registry

        """)]
    [InlineData("team-b", "registry", """
        Secret team-b/registry (version *)
          plain object    bears no annotation that means anything here

        as a mirror
          refused         Conflict: Secret/team-b/registry exists and is not a mirror; delete it, or annotate it with heliograph.dev/adopt: "true"
                          Secret/default/registry

        """)]
    [InlineData("other", "copy", """
        Secret other/copy (version *)
          mirror          asks by Reflector's rules to be filled from Secret/default/registry

        as a mirror
          refused         NotPermitted: reflection-allowed-namespaces: no pattern of "team-.*,closed" matches other
                          Secret/default/registry

        """)]
    [InlineData("default", "typo", """
        Secret default/typo (version *)
          source          pushes by Reflector's rules to namespaces: unknown (reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name)
          source          may be pulled by namespaces: unknown (reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name)
          invalid         reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name

        as a source: 6 not mirrored
          not mirrored    Invalid: reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name
                          closed, kube-system, other, team-a, team-b, team-c

        who may pull it: 0 of 7 namespaces
          not permitted   reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name
                          closed, default, kube-system, other, team-a, team-b, team-c

        """)]
    [InlineData("other", "bystander", """
        Secret other/bystander (version *)
          plain object    bears no annotation that means anything here
        nothing is mirrored from it or to it: it asks for nothing, and no source pushes under its name

        """)]
    public async Task An_object_is_explained_by_what_it_is(string ns, string name, string explanation)
    {
        await using var app = await WithWorldAsync();

        Assert.Equal((200, explanation), await AskAsync(app, $"kind=Secret&namespace={ns}&name={name}"));
    }

    [Theory]
    [InlineData("kind=Secret&namespace=default&name=nothing", "Secret default/nothing does not exist\nnothing is, or asks to be, a mirror of it, and no source pushes under its name\n")]
    [InlineData("kind=ConfigMap&namespace=default&name=registry", "ConfigMap default/registry does not exist\n  namesakes       of this name there are:\n                  Secret/default/registry\nnothing is, or asks to be, a mirror of it, and no source pushes under its name\n")]
    [InlineData("kind=Secret&namespace=nowhere&name=nothing", "namespace nowhere does not exist\n")]
    [InlineData("kind=Secret&namespace=default&name=registry&in=nowhere", "namespace nowhere does not exist\n")]
    [InlineData("namespace=nowhere", "namespace nowhere does not exist\n")]
    [InlineData("kind=Secret&namespace=..&name=..", "namespace .. does not exist\n")]
    [InlineData("kind=Secret&namespace=other&name=registry", """
        Secret other/registry does not exist

        as a mirror
          not mirrored    NotSelected: reflection-allowed-namespaces: no pattern of "team-.*,closed" matches other
                          Secret/default/registry

        """)]
    [InlineData("kind=Secret&namespace=default&name=gone", """
        Secret default/gone does not exist

        as a source: 1 refused
          refused         SourceGone: Secret/default/gone does not exist
                          team-c

        """)]
    [InlineData("kind=Secret&namespace=other&name=typo", """
        Secret other/typo does not exist

        as a mirror
          not mirrored    Invalid: reflection-allowed-namespaces: "team-[" is not a valid pattern; write a comma list of regular expressions, each matching a whole name
                          Secret/default/typo

        """)]
    [InlineData("kind=Secret&namespace=default&name=bystander", """
        Secret default/bystander does not exist
          namesakes       of this name there are:
                          Secret/other/bystander
        nothing is, or asks to be, a mirror of it, and no source pushes under its name

        """)]
    public async Task What_does_not_exist_is_said_and_who_waits_for_it(string query, string explanation)
    {
        await using var app = await WithWorldAsync();

        Assert.Equal((404, explanation), await AskAsync(app, query));
    }

    [Theory]
    [InlineData("", "say what to explain: ")]
    [InlineData("kind=Secret", "one object is named by kind, namespace and name together")]
    [InlineData("kind=Secret&namespace=default", "one object is named by kind, namespace and name together")]
    [InlineData("namespace=default&name=registry", "one object is named by kind, namespace and name together")]
    [InlineData("kind=Pod&namespace=default&name=registry", "kind Pod is not served; served are Secret, ConfigMap (setting Replication__Kinds)")]
    [InlineData("namespace=default&in=other", "in=NAMESPACE goes with an object")]
    [InlineData("ns=default", "there is no parameter \"ns\"; there are kind, namespace, name, in")]
    [InlineData("namespace=", "the parameter namespace needs one value")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string problem)
    {
        await using var app = await TestApp.StartAsync();

        var (status, text) = await app.GetAsync("/api/explain?" + query);

        Assert.Equal(400, status);
        Assert.StartsWith(problem, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_json_every_cell_stands_alone_with_the_full_words()
    {
        await using var app = await WithWorldAsync();

        var (status, text) = await app.GetAsync("/api/explain?kind=Secret&namespace=default&name=registry", "application/json");

        using var json = JsonDocument.Parse(text);
        Assert.Equal(200, status);
        Assert.Equal("Secret/default/registry", json.RootElement.GetProperty("object").GetString());
        Assert.Equal("Reflector", json.RootElement.GetProperty("role").GetProperty("pushes")[0].GetProperty("dialect").GetString());
        Assert.Equal(
            [
                "Secret/closed/registry Refused NotAccepted", "Secret/kube-system/registry NotMirrored NotSelected", "Secret/other/copy Refused NotPermitted",
                "Secret/other/registry NotMirrored NotSelected", "Secret/team-a/registry Mirrored UpToDate", "Secret/team-b/registry Refused Conflict",
                "Secret/team-c/copy ToDo Requested", "Secret/team-c/registry Mirrored UpToDate",
            ],
            json.RootElement.GetProperty("asSource").EnumerateArray().Select(cell => $"{cell.GetProperty("mirror")} {cell.GetProperty("state")} {cell.GetProperty("reason")}"));
        Assert.Equal(
            $"{Vocabulary.Reflector.AllowedNamespaces}: \"team-.*\" matches team-a",
            json.RootElement.GetProperty("asSource").EnumerateArray().Single(cell => cell.GetProperty("mirror").GetString() == "Secret/team-a/registry").GetProperty("rule").GetString());
        Assert.Equal(7, json.RootElement.GetProperty("pulls").GetArrayLength());
    }

    [Fact]
    public async Task In_json_what_is_missing_is_said_as_well()
    {
        await using var app = await WithWorldAsync();

        var (status, text) = await app.GetAsync("/api/explain?namespace=nowhere", "application/json");

        using var json = JsonDocument.Parse(text);
        Assert.Equal((404, "namespace nowhere does not exist"), (status, json.RootElement.GetProperty("problem").GetString()));

        using var other = JsonDocument.Parse((await app.GetAsync("/api/explain?kind=Secret&namespace=default&name=bystander", "application/json")).Text);
        Assert.Equal("Secret/other/bystander", Assert.Single(other.RootElement.GetProperty("namesakes").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task A_thousand_namespaces_are_summarised()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default");
            user.Namespaces([.. Enumerable.Range(0, 1000).Select(i => $"team-{i:0000}")]);
            user.Secret("default", "registry", Annotations.Pushing("team-0[5-9].*"));
        });

        var (_, text) = await AskAsync(app, "kind=Secret&namespace=default&name=registry");

        Assert.Contains("as a source: 500 to create, 500 not mirrored\n", text, StringComparison.Ordinal);
        Assert.Contains("to create       Missing: reflection-allowed-namespaces: \"team-0[5-9].*\" matches <namespace>\n                  team-0500, team-0501, ", text, StringComparison.Ordinal);
        Assert.Contains("and 460 more\n", text, StringComparison.Ordinal);
        Assert.True(text.Length < 4000, $"{text.Length} characters");
    }

    [Fact]
    public async Task Nothing_is_ever_written_and_no_payload_is_told()
    {
        await using var app = await WithWorldAsync();
        var (version, writes, events) = (app.Cluster.Version, app.Cluster.Writes, app.Cluster.EventRequests);
        string[] objects = ["default/registry", "default/typo", "default/token", "default/gone", "team-a/registry", "team-b/registry", "team-c/copy", "team-c/gone", "other/copy", "other/bystander"];
        var questions = objects.Select(o => o.Split('/')).Select(o => $"kind=Secret&namespace={o[0]}&name={o[1]}")
            .SelectMany(question => (string[])[question, question + "&in=team-a", question + "&in=team-c"])
            .Concat(["namespace=default", "namespace=team-a", "namespace=team-c", "namespace=closed"]);

        foreach (var question in questions)
        {
            foreach (var accept in (string[])["text/plain", "application/json"])
            {
                var (status, text) = await app.GetAsync("/api/explain?" + question, accept);
                Assert.Contains(status, (int[])[200, 404]);
                Assert.DoesNotContain(Annotations.Payload, text, StringComparison.Ordinal);
                Assert.DoesNotContain(Annotations.PlainPayload, text, StringComparison.Ordinal);
            }
        }

        Assert.Equal((version, writes, events), (app.Cluster.Version, app.Cluster.Writes, app.Cluster.EventRequests));
    }

    [Fact]
    public async Task An_api_server_that_cannot_be_read_is_said_plainly()
    {
        await using var app = await WithWorldAsync();
        app.Cluster.Fates = _ => Fate.Forbidden;

        Assert.Equal((503, "the cluster cannot be read: list secrets: 403 Forbidden\n"), await app.GetAsync("/api/explain?namespace=default"));
    }

    [Fact]
    public async Task What_explain_says_of_a_cell_is_what_a_run_then_does()
    {
        await using var app = await WithWorldAsync(deliver: false);
        var (_, text) = await app.GetAsync("/api/explain?kind=Secret&namespace=default&name=registry", "application/json");
        using var explained = JsonDocument.Parse(text);

        using var answer = await app.PostAsync("/api/resync", headers: ("Accept", "application/json"));

        using var done = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestApp.Cancellation));
        Assert.Equal(
            explained.RootElement.GetProperty("asSource").EnumerateArray().Where(cell => cell.GetProperty("state").GetString() != "NotMirrored").Select(Cell).Order(StringComparer.Ordinal),
            done.RootElement.GetProperty("cells").EnumerateArray().Where(cell => cell.GetProperty("source").GetString() == "Secret/default/registry").Select(Cell).Order(StringComparer.Ordinal));

        static string Cell(JsonElement cell) => $"{cell.GetProperty("mirror")} {cell.GetProperty("act")} {cell.GetProperty("reason")}";
    }

    /// <summary>Asks, and replaces the version, which is of no interest here.</summary>
    private static async Task<(int Status, string Text)> AskAsync(TestApp app, string query)
    {
        var (status, text) = await app.GetAsync("/api/explain?" + query);
        return (status, System.Text.RegularExpressions.Regex.Replace(text, @"\(version \d+\)", "(version *)"));
    }

    private static async Task<TestApp> WithWorldAsync(bool deliver = true)
    {
        var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "kube-system", "team-a", "team-b", "team-c", "other", "closed");
            user.Annotate(Kinds.Namespace, "", "closed", Vocabulary.Heliograph.AcceptFrom, "vault");
            user.Secret("default", "registry", Annotations.Pushing("team-.*,closed"));
            user.Secret("default", "typo", Annotations.Pushing("team-["));
            user.Secret("default", "token", new(Annotations.Pushing("")) { ["kubernetes.io/service-account.name"] = "somebody" }, "kubernetes.io/service-account-token");
            user.Secret("team-b", "registry");
            user.Secret("other", "copy", Annotations.Asking("default/registry"));
            user.Secret("team-c", "copy", Annotations.Asking("default/registry"));
            user.Secret("team-c", "gone", Annotations.Asking("default/gone"));
            user.Secret("other", "bystander");
        });
        if (deliver)
            (await app.PostAsync("/api/events", CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry")))).Dispose();
        return app;
    }
}
