using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Deploy.Tests;

/// <summary>
/// Every verb that is granted is needed: with all of them a walk through what the programs do meets no refusal, and without any one of them it does.
/// </summary>
public sealed class RightsNeededTests(Cluster cluster)
{
    private const string Base = "infra/cluster/base";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int walks;

    /// <summary>Who may do what to what, from the rendered manifests: one line for each verb.</summary>
    public static TheoryData<string> Granted =>
    [
        .. from role in Kubectl.Documents(Base).Where(document => document.Text("kind") == "ClusterRole")
           let account = AccountOf(role.Text("metadata", "name"))
           from rule in role.List("rules")
           from resource in rule.List("resources")
           from verb in rule.List("verbs")
           select $"{account} {role.Text("metadata", "name")} {resource} {verb}",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_all_of_them_nothing_is_refused()
    {
        await cluster.ApplyAsync(Base);
        Assert.Empty(await FunctionsAsync());
        Assert.Empty(await ExporterAsync());
    }

    [Theory]
    [MemberData(nameof(Granted))]
    public async Task Without_any_one_of_them_something_is(string granted)
    {
        await cluster.ApplyAsync(Base);
        var (account, role, resource, verb) = granted.Split(' ') switch { [var a, var b, var c, var d] => (a, b, c, d), _ => throw new FormatException(granted) };
        var before = await TakeAsync(role, resource, verb);
        try
        {
            await EnforcedAsync(account, resource, verb, allowed: false);
            var refused = account == "heliograph-exporter" ? await ExporterAsync() : await FunctionsAsync();
            var kind = Kinds.Default.Concat([Kinds.Namespace, Kinds.Event]).Single(kind => kind.Plural == resource);
            Assert.Contains(refused, title => title.Split(' ') is [var done, var what, ..]
                && (done == verb || (verb == "patch" && done == "apply")) && (what.TrimEnd(':') == resource || what == kind.Name));
        }
        finally
        {
            await cluster.CallAsync(HttpMethod.Patch, PathOf(role), new JsonObject { ["rules"] = before });
            await EnforcedAsync(account, resource, verb, allowed: true);
        }
    }

    /// <summary>What the functions do: create, update, put right, replace, release and remove mirrors, fill what asks, and tell of mistakes.</summary>
    /// <returns>The requests that were refused.</returns>
    private async Task<string[]> FunctionsAsync()
    {
        using var door = await DoorAsync("heliograph-functions");
        var settings = new EngineSettings();
        using var engine = new Reconciler(door, settings, TimeProvider.System);
        var walk = new Walk(cluster, $"walk-{Interlocked.Increment(ref walks)}");
        var outcomes = new List<Outcome>();
        await foreach (var scopes in walk.StepsAsync())
            outcomes.Add(await engine.RunAsync(scopes, dryRun: false, Cancellation));
        var outcome = Outcome.Of(outcomes);
        var told = new List<Failure>();
        foreach (var notice in Notices.Of(outcome))
        {
            var kind = settings.Kinds.Append(Kinds.Namespace).First(kind => kind.Name == notice.Bearer.Object.Kind);
            if (await door.SendAsync(notice.ToEvent(kind, TimeProvider.System.GetUtcNow()), Cancellation) is WriteResult.Refused refused)
                told.Add(refused.Failure);
        }
        return [.. outcome.Cells.Select(cell => cell.Failure).Concat(outcome.Unread.Select(unread => unread.Failure)).Concat(told).OfType<Failure>()
            .Where(failure => failure.StatusCode == 403).Select(failure => failure.ToString())];
    }

    /// <summary>What the exporter does: list and watch.</summary>
    private async Task<string[]> ExporterAsync()
    {
        using var door = await DoorAsync("heliograph-exporter");
        var refused = new List<string>();
        foreach (var kind in Kinds.Default.Append(Kinds.Namespace))
        {
            try
            {
                await foreach (var _ in door.ListForWatchAsync(kind, Cancellation))
                {
                    // What is listed does not matter here.
                }
            }
            catch (ClusterException e)
            {
                refused.Add(e.Failure.ToString());
            }
            try
            {
                await foreach (var _ in door.WatchAsync(kind, "0", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), Cancellation))
                {
                    // Until the API server ends it.
                }
            }
            catch (ClusterException e)
            {
                refused.Add(e.Failure.ToString());
            }
        }
        return [.. refused.Where(title => title.Contains("403", StringComparison.Ordinal))];
    }

    private async Task<KubernetesCluster> DoorAsync(string account) => KubernetesCluster.Connect(new ClusterOptions
    {
        Kubeconfig = await cluster.ControlPlane.KubeconfigForServiceAccountAsync("heliograph", account, cancellationToken: Cancellation),
    });

    private static string PathOf(string role) => $"/apis/rbac.authorization.k8s.io/v1/clusterroles/{role}";

    /// <summary>Takes one verb away.</summary>
    /// <returns>The rules as they were.</returns>
    private async Task<JsonNode> TakeAsync(string role, string resource, string verb)
    {
        var before = (await cluster.CallAsync(HttpMethod.Get, PathOf(role)))!["rules"]!.DeepClone();
        var rules = before.DeepClone().AsArray();
        foreach (var rule in rules.Where(rule => rule!["resources"]!.AsArray().Any(one => (string?)one == resource)))
            rule!["verbs"] = new JsonArray([.. rule["verbs"]!.AsArray().Where(one => (string?)one != verb).Select(one => one!.DeepClone())]);
        // A rule without verbs is none.
        var left = new JsonArray([.. rules.Where(rule => rule!["verbs"]!.AsArray().Count > 0).Select(rule => rule!.DeepClone())]);
        await cluster.CallAsync(HttpMethod.Patch, PathOf(role), new JsonObject { ["rules"] = left });
        return before;
    }

    /// <summary>Waits until the API server goes by it.</summary>
    private async Task EnforcedAsync(string account, string resource, string verb, bool allowed)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var review = new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["user"] = $"system:serviceaccount:heliograph:{account}",
                    ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["resource"] = resource, ["namespace"] = resource == "namespaces" ? "" : "default" },
                },
            };
            var answer = await cluster.CallAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
            if ((bool)answer!["status"]!["allowed"]! == allowed)
                return;
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{account} {verb} {resource} is not {(allowed ? "allowed" : "refused")}");
            await Task.Delay(20, Cancellation);
        }
    }

    private static string AccountOf(string role) => Kubectl.Documents(Base)
        .Single(document => document.Text("kind") == "ClusterRoleBinding" && document.Text("roleRef", "name") == role).List("subjects").Single().Text("name");

    /// <summary>One walk through namespaces of its own, for each default kind.</summary>
    private sealed class Walk(Cluster cluster, string name)
    {
        private readonly string origin = name + "-origin";
        private readonly string team = name + "-team";

        public async IAsyncEnumerable<ImmutableArray<Scope>> StepsAsync()
        {
            foreach (var ns in (string[])[origin, team])
                await cluster.CallAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } });
            foreach (var kind in Kinds.Default)
            {
                await PutAsync(kind, origin, "pushed", Source(kind, "1", Pushing));
                yield return Row(kind, "pushed");
                await PatchAsync(kind, origin, "pushed", Data(kind, "2"));
                yield return Row(kind, "pushed");
                // Somebody edits the mirror: it is put right, and we own those fields again.
                if (await ReadAsync(kind, team, "pushed") is not null)
                    await PatchAsync(kind, team, "pushed", Data(kind, "edited"));
                yield return Row(kind, "pushed");
                // An object that asks is filled without being ours.
                await PutAsync(kind, team, "asks", Source(kind, "own", new JsonObject { ["reflector.v1.k8s.emberstack.com/reflects"] = $"{origin}/pushed" }));
                yield return [new Scope.Cell(new ResourceRef(kind.Name, origin, "pushed"), new ResourceRef(kind.Name, team, "asks"))];
                // Nobody may change an immutable object: it is replaced.
                await PutAsync(kind, origin, "locked", With(Source(kind, "1", Pushing), "immutable", true));
                yield return Row(kind, "locked");
                await DeleteAsync(kind, origin, "locked");
                await PutAsync(kind, origin, "locked", With(Source(kind, "2", Pushing), "immutable", true));
                yield return Row(kind, "locked");
                await PatchAsync(kind, origin, "pushed", new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = null } });
                yield return Row(kind, "pushed");
                await PutAsync(kind, origin, "mistaken", Source(kind, "1", new JsonObject { ["reflector.v1.k8s.emberstack.com/reflection-allowed"] = "perhaps" }));
                yield return Row(kind, "mistaken");
            }
            yield return [new Scope.Column(team)];
            yield return [new Scope.Everything()];
        }

        private JsonObject Pushing => new()
        {
            ["reflector.v1.k8s.emberstack.com/reflection-allowed"] = "true",
            ["reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces"] = team,
            ["reflector.v1.k8s.emberstack.com/reflection-auto-enabled"] = "true",
        };

        private ImmutableArray<Scope> Row(Kind kind, string source) => [new Scope.Row(new ResourceRef(kind.Name, origin, source))];

        private static JsonObject Data(Kind kind, string value) => new() { [kind.Name == "Secret" ? "stringData" : "data"] = new JsonObject { ["key"] = value } };

        private static JsonObject Source(Kind kind, string value, JsonObject annotations) => With(Data(kind, value), "metadata", new JsonObject { ["annotations"] = annotations });

        private static JsonObject With(JsonObject body, string member, JsonNode value)
        {
            body[member] = value;
            return body;
        }

        private Task<JsonNode?> PutAsync(Kind kind, string ns, string name, JsonObject body)
        {
            body["metadata"]!["name"] = name;
            return cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/{kind.Plural}", body);
        }

        private Task<JsonNode?> PatchAsync(Kind kind, string ns, string name, JsonObject body) =>
            cluster.CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/{kind.Plural}/{name}", body);

        private Task<JsonNode?> ReadAsync(Kind kind, string ns, string name) => cluster.CallAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/{kind.Plural}/{name}");

        private Task<JsonNode?> DeleteAsync(Kind kind, string ns, string name) => cluster.CallAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/{kind.Plural}/{name}");
    }
}
