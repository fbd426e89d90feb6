using System.Net;
using System.Text.Json;
using Heliograph.Fakes;
using Heliograph.Functions.Tests.Events;
using Heliograph.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests.Telling;

/// <summary>From a refusal or a fault to the Kubernetes Event on the object that asks.</summary>
public sealed class EventsOnObjectsTests
{
    [Fact]
    public async Task A_refused_push_is_told_on_the_source()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
            user.Secret("team-a", "registry");
        });

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));

        var told = await EventsAsync(app, 1);
        Assert.Equal(
            "Secret default/registry Conflict: Secret/team-a/registry exists and is not a mirror; delete it, or annotate it with heliograph.dev/adopt: \"true\"",
            Assert.Single(told));
        Assert.Equal(
            app.Cluster.Read(Kinds.Secret, "default", "registry")!.Uid,
            app.Cluster.Events.Single().GetProperty("involvedObject").GetProperty("uid").GetString());
    }

    [Fact]
    public async Task A_refused_pull_is_told_on_the_object_that_asks()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry");
            user.Secret("team-a", "copy", Annotations.Asking("default/registry"));
            user.Secret("team-a", "orphan", Annotations.Asking("default/gone"));
        });

        await DeliverAsync(app, Asking("copy", "registry"));
        await DeliverAsync(app, Asking("orphan", "gone"));

        Assert.Equal(
            [
                "Secret team-a/copy NotPermitted: Secret/default/registry permits no pull",
                "Secret team-a/orphan SourceGone: Secret/default/gone does not exist",
            ],
            await EventsAsync(app, 2));
    }

    [Fact]
    public async Task Mirrors_that_ask_each_other_are_told_both()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("team-a");
            foreach (var (name, other) in (ReadOnlySpan<(string, string)>)[("one", "other"), ("other", "one")])
                user.Secret("team-a", name, new(Annotations.Asking($"team-a/{other}")) { [Vocabulary.Reflector.Allowed] = "true" });
        });

        using var answer = await app.PostAsync("/api/resync");

        var told = await EventsAsync(app, 2);
        Assert.All(told, one => Assert.Contains(" Cycle: ", one, StringComparison.Ordinal));
        Assert.Equal(["Secret team-a/one", "Secret team-a/other"], told.Select(one => one.Split(" Cycle")[0]));
    }

    [Fact]
    public async Task A_broken_annotation_is_told_on_the_object_that_bears_it()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "typo", Annotations.Pushing("team-["));
        });

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "typo"));

        Assert.StartsWith(
            $"Secret default/typo Invalid: {Vocabulary.Reflector.AllowedNamespaces}: \"team-[\" is not a valid pattern; ",
            Assert.Single(await EventsAsync(app, 1)), StringComparison.Ordinal);
        Assert.Equal(1, app.Measure()["heliograph.functions.faults"]);
    }

    [Theory]
    [InlineData(Vocabulary.Replicator.ReplicateFrom, "registry", "\"registry\" does not name a Secret; write \"namespace/name\"")]
    [InlineData(Vocabulary.Reflector.Reflects, "team-a/copy", "\"team-a/copy\" is the object itself; name another one")]
    [InlineData(Vocabulary.Heliograph.Adopt, "maybe", "\"maybe\" is not a boolean; write \"true\" or \"false\"")]
    public async Task What_asks_without_naming_a_source_is_told_what_is_wrong(string key, string value, string problem)
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("team-a");
            user.Secret("team-a", "copy", new() { [key] = value });
        });

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "team-a", "copy"));

        Assert.Equal($"Secret team-a/copy Invalid: {key}: {problem}", Assert.Single(await EventsAsync(app, 1)));
    }

    [Fact]
    public async Task A_broken_annotation_of_a_namespace_is_told_on_the_namespace_and_on_the_source_it_freezes()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));
        app.Cluster.Do(user => user.Annotate(Kinds.Namespace, "", "team-a", Vocabulary.Heliograph.AcceptFrom, "["));

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));

        await Eventually.IsAsync(() => app.Cluster.Events.Count >= 2, "2 Events");
        Assert.Equal(
            [
                $"Namespace team-a in default: {Vocabulary.Heliograph.AcceptFrom}: \"[\" is not a valid pattern; write a comma list of regular expressions, each matching a whole name",
                $"Secret registry in default: namespace team-a: {Vocabulary.Heliograph.AcceptFrom}: \"[\" is not a valid pattern",
            ],
            app.Cluster.Events.Select(told =>
                $"{told.GetProperty("involvedObject").GetProperty("kind")} {told.GetProperty("involvedObject").GetProperty("name")} in {told.GetProperty("metadata").GetProperty("namespace")}: {told.GetProperty("message")}")
                .Order(StringComparer.Ordinal));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task What_a_namespace_does_not_accept_and_what_is_never_a_source_is_told_on_the_source()
    {
        await using var app = await TestApp.StartAsync(settings: "--Replication:ExcludedSourceNamespaces=kube-*");
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "kube-system", "closed");
            user.Annotate(Kinds.Namespace, "", "closed", Vocabulary.Heliograph.AcceptFrom, "vault");
            user.Secret("default", "registry", Annotations.Pushing("closed"));
            user.Secret("kube-system", "excluded", Annotations.Pushing("default,closed"));
        });

        using var answer = await app.PostAsync("/api/resync");

        Assert.Equal(
            [
                "Secret default/registry NotAccepted: namespace closed accepts sources of \"vault\" only (heliograph.dev/accept-from)",
                "Secret kube-system/excluded NeverASource: in 2 namespaces (closed, default): namespace kube-system is excluded from being a source (setting Replication__ExcludedSourceNamespaces)",
            ],
            await EventsAsync(app, 2));
    }

    [Fact]
    public async Task What_the_api_server_refuses_in_hundreds_of_namespaces_is_one_event()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default");
            user.Namespaces([.. Enumerable.Range(0, 300).Select(i => $"team-{i:000}")]);
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        app.Cluster.Fates = request => request.IsWrite ? Fate.Forbidden : Fate.Pass;

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));

        Assert.Equal(
            "Secret default/registry Refused: in 300 namespaces (team-000, team-001, team-002, team-003, team-004 and 295 more): create Secret <namespace>/registry: 403 Forbidden",
            Assert.Single(await EventsAsync(app, 1)));
        Assert.Single(app.Log.Lines, line => line.Level == LogLevel.Warning);
        Assert.Equal(300, app.Measure()["heliograph.functions.cells reason=Refused result=Refused"]);
    }

    [Fact]
    public async Task The_sweep_finds_the_same_again_and_does_not_tell_it_again()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(time);
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
            user.Secret("team-a", "registry");
            user.Secret("team-b", "registry");
        });
        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));
        await EventsAsync(app, 1);

        await Eventually.IsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return app.Measure()["heliograph.functions.cells reason=Conflict result=Refused"] >= 4;
            },
            "a sweep");

        Assert.Equal((1, 1), (app.Cluster.EventRequests, app.Cluster.Events.Count));
        Assert.Single(app.Log.Lines, line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task The_bus_does_not_wait_for_events_to_be_written()
    {
        await using var app = await TestApp.StartAsync();
        var go = new TaskCompletionSource();
        app.Cluster.EventsGo = go.Task;
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "typo", Annotations.Pushing("team-["));
        });

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "typo"));

        Assert.Empty(app.Cluster.Events);
        go.SetResult();
        await EventsAsync(app, 1);
    }

    [Fact]
    public async Task Where_events_are_forbidden_the_work_is_done_all_the_same()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.EventsFail = new Engine.Failure(Engine.FailureKind.NotAllowed, "create Event default/x", 403, "Forbidden");
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
            user.Secret("team-a", "registry");
        });

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));

        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "registry"));
        await Eventually.IsAsync(() => app.Log.Lines.Any(line => line.Message.Contains("grant the verb create on events", StringComparison.Ordinal)), "the warning");
    }

    [Fact]
    public async Task A_source_that_is_being_deleted_is_told_nothing()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
            user.Patch(Kinds.Secret, "default", "registry", """{"metadata":{"finalizers":["example.com/hold"]}}""");
            user.Delete(Kinds.Secret, "default", "registry");
        });

        await DeliverAsync(app, CloudEventText.SourceChanged("Secret", "default", "registry"));
        using var answer = await app.PostAsync("/api/resync");

        Assert.DoesNotContain(app.Log.Lines, line => line.Level >= LogLevel.Warning);
        Assert.Equal(0, app.Measure().Where(one => one.Key.StartsWith("heliograph.functions.notices", StringComparison.Ordinal)).Sum(one => one.Value));
    }

    private static Hint.ObjectChanged Asking(string name, string source) => new Hint.ObjectChanged
    {
        Object = new("Secret", "team-a", name),
        MirrorOf = [new("Secret", "default", source)],
    };

    private static async Task DeliverAsync(TestApp app, Hint hint)
    {
        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(hint));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>The Events once there are as many, each on one line.</summary>
    private static async Task<string[]> EventsAsync(TestApp app, int count)
    {
        await Eventually.IsAsync(() => app.Cluster.Events.Count >= count, $"{count} Events");
        return [.. app.Cluster.Events.Select(Line).Order(StringComparer.Ordinal)];
    }

    private static string Line(JsonElement told)
    {
        var on = told.GetProperty("involvedObject");
        Assert.Equal(on.GetProperty("namespace").GetString(), told.GetProperty("metadata").GetProperty("namespace").GetString());
        return $"{on.GetProperty("kind")} {on.GetProperty("namespace")}/{on.GetProperty("name")} {told.GetProperty("reason")}: {told.GetProperty("message")}";
    }
}
