using System.Text.Json.Nodes;
using Heliograph.ControlPlane;

namespace Heliograph.Bus.Tests.EndToEnd;

/// <summary>Two real exporters and one Lease: one publishes, and when it dies or hangs the other does, and no mirror misses anything.</summary>
[Collection(nameof(RealCluster))]
public sealed class FailOverTests(RealCluster cluster)
{
    private const int Namespaces = 4;
    private const int Sources = 12;
    private const int Once = 5;
    private const string LeaseName = "heliograph-exporter";

    [Fact]
    public async Task Nothing_is_lost_when_the_leader_is_killed_under_load()
    {
        await cluster.NamespacesAsync("failover", Namespaces);
        await using var functions = await FunctionsAsync();
        var kubeconfig = await cluster.KubeconfigOfAsync("heliograph-exporter");
        await using var one = await RunningProgram.ExporterAsync(Settings("heliograph", LeaseName, "one", functions, kubeconfig));
        await using var two = await RunningProgram.ExporterAsync(Settings("heliograph", LeaseName, "two", functions, kubeconfig));
        await one.BecomesReadyAsync();
        await two.BecomesReadyAsync();
        var (leader, follower) = await HolderAsync("heliograph", LeaseName) == "one" ? (one, two) : (two, one);
        Assert.DoesNotContain("this replica publishes", follower.Errors, StringComparison.Ordinal);

        // Changes come all the time: while one leads, while nobody does, and after that.
        var hasTakenOver = false;
        var load = LoadAsync("failover", () => Volatile.Read(ref hasTakenOver));
        await Eventually.IsAsync(async () => await cluster.MirrorAsync("failover", Namespaces - 1, $"s{Sources - 1}") is not null, "the leader publishes");
        var was = await HolderAsync("heliograph", LeaseName);
        // These are not touched again afterwards: what nobody tells of them nobody will.
        await Task.WhenAll(Enumerable.Range(0, Once).Select(i => cluster.PutSourceAsync("failover", $"before{i}", "before")));
        await leader.KillAsync();
        await Task.WhenAll(Enumerable.Range(0, Once).Select(i => cluster.PutSourceAsync("failover", $"between{i}", "between")));
        Assert.Equal(was, await HolderAsync("heliograph", LeaseName));
        await Eventually.IsAsync(async () => await HolderAsync("heliograph", LeaseName) != was, "the other takes over");
        Volatile.Write(ref hasTakenOver, true);
        var rounds = await load;

        await ConvergesAsync("failover", rounds, "before", "between");
        Assert.Contains("this replica publishes", follower.Errors, StringComparison.Ordinal);
        await follower.BecomesReadyAsync();
    }

    [Fact]
    public async Task A_leader_that_hung_publishes_nothing_when_it_wakes_up_and_hands_over_when_it_ends()
    {
        const int Stop = 19, Continue = 18;
        await cluster.NamespacesAsync("hung", Namespaces);
        await using var functions = await FunctionsAsync();
        await using var one = await ExporterAsync("hung", "one", functions);
        await one.BecomesReadyAsync();
        await using var two = await ExporterAsync("hung", "two", functions);
        await two.BecomesReadyAsync();
        Assert.Equal("one", await HolderAsync("hung-origin", "exporter"));

        Signals.Send(one.Id, Stop);
        await cluster.PutSourceAsync("hung", "while-it-hangs", "a");
        await Eventually.IsAsync(async () => await HolderAsync("hung-origin", "exporter") == "two", "the other holds the Lease");
        await cluster.IsMirroredAsync("hung", Namespaces, "while-it-hangs", "a");
        Signals.Send(one.Id, Continue);
        await Eventually.IsAsync(() => one.Errors.Contains("this replica publishes nothing", StringComparison.Ordinal), "it knows that it leads no longer");
        await one.BecomesReadyAsync();
        Assert.Equal("two", await HolderAsync("hung-origin", "exporter"));

        Assert.Equal(0, await two.StopAsync());
        await Eventually.IsAsync(async () => await HolderAsync("hung-origin", "exporter") == "one", "it holds the Lease again");
        await cluster.PutSourceAsync("hung", "afterwards", "b");
        await cluster.IsMirroredAsync("hung", Namespaces, "afterwards", "b");
        Assert.Equal(3, (await LeaseAsync("hung-origin", "exporter"))!["leaseTransitions"]!.GetValue<int>());
    }

    [Fact]
    public async Task Who_may_not_use_the_lease_says_so_and_publishes_nothing()
    {
        await cluster.NamespacesAsync("forbidden", 1);
        await cluster.CallAsync(HttpMethod.Post, "/api/v1/namespaces/forbidden-origin/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "nobody" } });
        var kubeconfig = await cluster.ControlPlane.KubeconfigForServiceAccountAsync("forbidden-origin", "nobody", cancellationToken: TestContext.Current.CancellationToken);
        await using var functions = await FunctionsAsync();
        await using var exporter = await RunningProgram.ExporterAsync(Settings("forbidden-origin", "exporter", "one", functions, kubeconfig));

        await Eventually.IsAsync(async () => await exporter.StatusAsync("/readyz") is not null && (await exporter.ReadinessAsync()).Contains("Lease", StringComparison.Ordinal), "it says so");

        Assert.Contains("403", await exporter.ReadinessAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("this replica publishes", exporter.Errors, StringComparison.Ordinal);
    }

    /// <summary>Every source changes in every round, and some go and come back, until the end is in sight and for one round more.</summary>
    /// <returns>How many rounds there were.</returns>
    private async Task<int> LoadAsync(string test, Func<bool> ends)
    {
        var isLast = false;
        for (var round = 0; ; round++)
        {
            for (var i = 0; i < Sources; i++)
            {
                if (i % 4 == 3 && round % 3 == 1 && !isLast)
                    await cluster.DeleteSourceAsync(test, $"s{i}");
                else
                    await cluster.PutSourceAsync(test, $"s{i}", $"{round}");
            }
            if (isLast)
                return round + 1;
            isLast = ends();
        }
    }

    /// <summary>Each mirror is as its source is, and there is none besides.</summary>
    private async Task ConvergesAsync(string test, int rounds, params string[] once)
    {
        var wanted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Sources; i++)
        {
            foreach (var ns in Enumerable.Range(0, Namespaces).Select(n => $"{n}").Append("origin"))
                wanted[$"{test}-{ns}/s{i}"] = Base64($"{rounds - 1}");
        }
        foreach (var (name, i, n) in from name in once from i in Enumerable.Range(0, Once) from n in Enumerable.Range(0, Namespaces + 1) select (name, i, n))
            wanted[$"{test}-{(n == Namespaces ? "origin" : $"{n}")}/{name}{i}"] = Base64(name);
        await Eventually.IsAsync(async () => (await cluster.WorldAsync(test)).SequenceEqual(wanted), "every mirror is as its source is");
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private async Task<JsonNode?> LeaseAsync(string ns, string name) =>
        (await cluster.CallAsync(HttpMethod.Get, $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/{name}"))!["spec"];

    private async Task<string?> HolderAsync(string ns, string name) => (string?)(await LeaseAsync(ns, name))?["holderIdentity"];

    /// <summary>Nothing but events makes them look: no sweep on a timer repairs what an exporter lost.</summary>
    private Task<RunningProgram> FunctionsAsync() => RunningProgram.FunctionsAsync(("Kubernetes__Kubeconfig", cluster.Kubeconfig), ("Sweep__Interval", "1.00:00:00"));

    private Task<RunningProgram> ExporterAsync(string test, string identity, RunningProgram functions) =>
        RunningProgram.ExporterAsync(Settings($"{test}-origin", "exporter", identity, functions, cluster.Kubeconfig));

    private static (string Name, string Value)[] Settings(string ns, string lease, string identity, RunningProgram functions, string kubeconfig) =>
    [
        ("Kubernetes__Kubeconfig", kubeconfig), ("Exporter__Endpoint", new Uri(functions.Address, "/api/events").ToString()), ("Exporter__Key", "k"),
        ("Lease__Name", lease), ("Lease__Namespace", ns), ("Lease__Identity", identity), ("Lease__Duration", "00:00:03"),
    ];
}
