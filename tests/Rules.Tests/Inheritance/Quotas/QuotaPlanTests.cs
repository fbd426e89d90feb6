using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Heliograph.Model;
using Heliograph.Rules.Inheritance.Quotas;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance.Quotas;

/// <summary>What hierarchical quotas come to: limits downwards, sums upwards, and who may not use more.</summary>
public sealed class QuotaPlanTests
{
    private static readonly QuotaClan Team = QuotaClan.Of("a", "b<a", "c<b", "d<a", "other")
        .Limit("a/all", "pods=10 limits.cpu=4").Limit("a/more", "pods=8").Limit("b/here", "pods=9 secrets=2");

    private static readonly string[] Resources = ["pods", "limits.cpu"];

    [Theory]
    [InlineData("a", "limits.cpu=4 pods=8")]
    [InlineData("b", "limits.cpu=4 pods=8 secrets=2")]
    [InlineData("c", "limits.cpu=4 pods=8 secrets=2")]
    [InlineData("d", "limits.cpu=4 pods=8")]
    [InlineData("other", "")]
    public void The_least_of_all_limits_above_holds_in_a_namespace(string ns, string hard) => Assert.Equal(hard, Team.Hard(ns));

    [Fact]
    public void What_is_written_in_another_form_is_compared_by_what_it_says() =>
        Assert.Equal("memory=1G", QuotaClan.Of("a", "b<a").Limit("a/q", "memory=1Gi").Limit("b/q", "memory=1G").Hard("b"));

    [Fact]
    public void What_is_used_below_is_summed_up()
    {
        var used = Team.Quota("a", "", "pods=1").Quota("b", "", "pods=2 limits.cpu=500m").Quota("c", "", "pods=1 limits.cpu=0.7 secrets=1").Quota("other", "", "pods=100");
        Assert.Equal("limits.cpu=1200m pods=4", QuotaClan.Text(used.Status("a/all").Used));
        Assert.Equal("pods=4", QuotaClan.Text(used.Status("a/more").Used));
        Assert.Equal("pods=3 secrets=1", QuotaClan.Text(used.Status("b/here").Used));
        Assert.Equal(("pods: 4/10", "limits.cpu: 1200m/4"), (used.Status("a/all").Requests, used.Status("a/all").Limits));
        Assert.Equal(("pods: 3/9, secrets: 1/2", ""), (used.Status("b/here").Requests, used.Status("b/here").Limits));
    }

    [Fact]
    public void What_nobody_has_counted_yet_is_missing_and_told_as_nothing()
    {
        var status = QuotaClan.Of("a").Limit("a/q", "limits.memory=500Mi requests.cpu=2 requests.memory=500Mi").Status("a/q");
        Assert.Empty(status.Used);
        Assert.Equal(("requests.cpu: 0/2, requests.memory: 0/500Mi", "limits.memory: 0/500Mi"), (status.Requests, status.Limits));
    }

    [Fact]
    public void A_namespace_that_moves_takes_what_it_uses_with_it()
    {
        var used = Team.Limit("other/q", "pods=9").Quota("b", "", "pods=2").Quota("c", "", "pods=1");
        var moved = used with { Clan = used.Clan.Spec("b", "other") };
        Assert.Equal(("", "pods=3"), (QuotaClan.Text(moved.Status("a/more").Used), QuotaClan.Text(moved.Status("other/q").Used)));
        Assert.Equal("pods=9 secrets=2", moved.Hard("c"));
    }

    [Fact]
    public void A_ResourceQuota_of_another_name_is_somebody_elses()
    {
        var quota = Obj.Of(Kinds.ResourceQuota, "b/own").Set("status", """{"used":{"pods":"5"}}""");
        Assert.Empty((Team with { Quotas = Team.Quotas.Add("b", quota) }).Status("a/more").Used);
    }

    [Theory]
    [InlineData("b", "pods=2", "pods=3", null)]
    [InlineData("b", "pods=2", "pods=8", "exceeded hierarchical quota in namespace \"a\": \"more\", requested: pods=6, used: pods=4, limited: pods=8")]
    [InlineData("b", "pods=2", "pods=6", null)]
    [InlineData("b", "pods=2", "pods=7", "exceeded hierarchical quota in namespace \"a\": \"more\", requested: pods=5, used: pods=4, limited: pods=8")]
    [InlineData("b", "pods=2", "pods=9", "exceeded hierarchical quota in namespace \"a\": \"all\", requested: pods=7, used: pods=4, limited: pods=10")]
    [InlineData("c", "secrets=1", "secrets=2", null)]
    [InlineData("c", "secrets=1", "secrets=3", "exceeded hierarchical quota in namespace \"b\": \"here\", requested: secrets=2, used: secrets=1, limited: secrets=2")]
    [InlineData("c", "", "secrets=3", "exceeded hierarchical quota in namespace \"b\": \"here\", requested: secrets=3, used: secrets=0, limited: secrets=2")]
    [InlineData("d", "", "limits.cpu=3500m", "exceeded hierarchical quota in namespace \"a\": \"all\", requested: limits.cpu=3500m, used: limits.cpu=600m, limited: limits.cpu=4")]
    [InlineData("d", "", "limits.cpu=3400m", null)]
    [InlineData("d", "", "limits.cpu=3500m pods=9", "exceeded hierarchical quota in namespace \"a\": \"all\", requested: limits.cpu=3500m, used: limits.cpu=600m, limited: limits.cpu=4, requested: pods=9, used: pods=4, limited: pods=10")]
    [InlineData("d", "", "secrets=100", null)]
    [InlineData("other", "", "pods=100", null)]
    [InlineData("unknown", "", "pods=100", null)]
    public void Who_would_use_more_than_a_limit_above_is_refused_in_HNCs_words(string ns, string before, string after, string? refusal)
    {
        var used = Team.Quota("a", "", "pods=1").Quota("b", "", "pods=2 limits.cpu=500m").Quota("c", "", "pods=1 limits.cpu=100m secrets=1");
        Assert.Equal(refusal, used.Plan.WhyExceeded(ns, QuotaClan.Amounts(before), QuotaClan.Amounts(after)));
    }

    [Fact]
    public void Whoever_uses_less_may_do_so_while_there_is_too_much()
    {
        var over = Team.Quota("b", "", "pods=20 secrets=9").Plan;
        Assert.Null(over.WhyExceeded("b", QuotaClan.Amounts("pods=20 secrets=9"), QuotaClan.Amounts("pods=19 secrets=9")));
        // And something else beside that may use more of what is left.
        Assert.Null(over.WhyExceeded("b", QuotaClan.Amounts("pods=20 secrets=9"), QuotaClan.Amounts("pods=20 limits.cpu=1")));
        Assert.NotNull(over.WhyExceeded("d", QuotaClan.Amounts(""), QuotaClan.Amounts("pods=1")));
    }

    /// <summary>What the caller knows of the namespace goes before what was listed: it is newer.</summary>
    [Fact]
    public void A_namespace_is_counted_as_the_request_says() => Assert.Equal(
        "exceeded hierarchical quota in namespace \"b\": \"here\", requested: secrets=1, used: secrets=2, limited: secrets=2",
        Team.Quota("c", "", "secrets=1").Plan.WhyExceeded("c", QuotaClan.Amounts("secrets=2"), QuotaClan.Amounts("secrets=3")));

    [Fact]
    public void Nobody_leaves_a_limit_by_a_cycle()
    {
        var round = Team with { Clan = Team.Clan.Spec("b", "c") };
        Assert.Equal("pods=9 secrets=2", round.Hard("c"));
        var used = round.Quota("b", "", "secrets=1").Quota("c", "", "secrets=1");
        Assert.Equal("secrets=2", QuotaClan.Text(used.Status("b/here").Used));
        Assert.NotNull(used.Plan.WhyExceeded("c", QuotaClan.Amounts("secrets=1"), QuotaClan.Amounts("secrets=2")));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("c")]
    [InlineData("kube-system")]
    public void What_is_halted_may_become_stricter_but_not_looser(string parent)
    {
        var halted = Team with { Clan = Team.Clan.Ns("kube-system").Excluding("kube-.*").Spec("b", parent) };
        Assert.Equal("pods=9 secrets=2", halted.Hard("b"));
        var before = halted.Quota("b", "pods=8 secrets=5 limits.cpu=4", "").Quota("c", "pods=8 secrets=1", "");
        Assert.Equal("limits.cpu=4 pods=8 secrets=2", before.Hard("b"));
        Assert.Equal("pods=8 secrets=1", before.Hard("c"));
    }

    [Fact]
    public void What_is_halted_keeps_a_quota_that_nothing_limits()
    {
        var orphan = QuotaClan.Of("b<gone").Quota("b", "pods=1", "pods=1");
        Assert.Empty(orphan.Writes);
        Assert.Equal(["Delete b/hrq.hnc.x-k8s.io"], (orphan with { Clan = orphan.Clan.Spec("b", null) }).Writes);
    }

    [Fact]
    public void A_parent_that_does_not_accept_neither_limits_nor_counts()
    {
        var intruder = QuotaClan.Of("a", "b<a").Limit("a/q", "pods=1").Quota("b", "", "pods=5");
        intruder = intruder with { Clan = intruder.Clan.Distrusting() };
        Assert.Empty(intruder.Status("a/q").Used);
        Assert.Null(intruder.Plan.WhyExceeded("b", QuotaClan.Amounts("pods=5"), QuotaClan.Amounts("pods=6")));
    }

    [Fact]
    public void Limits_in_an_excluded_namespace_limit_nobody()
    {
        var excluded = QuotaClan.Of("kube-system").Limit("kube-system/q", "pods=1");
        excluded = excluded with { Clan = excluded.Clan.Excluding("kube-.*") };
        Assert.Empty(excluded.Writes);
        Assert.Empty(excluded.Plan.Statuses);
    }

    /// <summary>Limits and sums by a definition of its own, for random trees with circles and missing parents.</summary>
    [Fact]
    public void Sums_and_limits_are_those_of_everybody_below_and_above() => Prop.ForAll(Scripts.Of(20), script =>
    {
        string[] names = ["a", "b", "c", "d", "e"];
        var clan = QuotaClan.Of(names);
        foreach (var random in script.Select(seed => new Random(seed)))
        {
            var ns = names[random.Next(names.Length)];
            clan = random.Next(3) switch
            {
                0 => clan.Quota(ns, "", $"pods={random.Next(5)} limits.cpu={random.Next(500)}m"),
                1 => (clan with { Limits = [.. clan.Limits.Where(limit => limit.Namespace != ns)] }).Limit($"{ns}/q", $"pods={random.Next(9)} limits.cpu={random.Next(9)}"),
                _ => clan with { Clan = clan.Clan.Spec(ns, random.Next(8) == 0 ? null : random.Next(8) == 0 ? "gone" : names[random.Next(names.Length)]) },
            };
        }
        var tree = clan.Clan.Tree;
        foreach (var (quota, status) in clan.Plan.Statuses)
        {
            var below = names.Where(ns => UpFrom(clan, ns).Contains(quota.Namespace)).ToImmutableArray();
            foreach (var resource in quota.Hard.Keys)
            {
                var sum = below.Select(ns => Used(clan, ns, resource)).Aggregate((one, other) => one + other);
                Assert.Equal(sum, status.Used.GetValueOrDefault(resource));
                foreach (var ns in below)
                {
                    var room = quota.Hard[resource] - sum;
                    var (before, more) = (Amount(resource, Used(clan, ns, resource)), Amount(resource, Used(clan, ns, resource) + room + QuantityTests.Of("1n")));
                    // Where there is room up to this limit, a billionth more is too much; it may be too much for another limit before.
                    if (!room.IsNegative)
                        Assert.NotNull(clan.Plan.WhyExceeded(ns, before, more));
                }
            }
        }
        foreach (var (node, _, hard) in clan.Plan.Namespaces.Where(planned => planned.Namespace.Halt is null))
        {
            foreach (var resource in Resources)
            {
                var above = clan.Limits.Where(limit => UpFrom(clan, node.Name).Contains(limit.Namespace)).Select(limit => HierarchicalQuota.Read(limit).Hard[resource]).ToImmutableArray();
                Assert.Equal(above.IsEmpty ? null : above.Min(), hard.TryGetValue(resource, out var least) ? least : (Quantity?)null);
            }
        }
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    private static ImmutableSortedDictionary<string, Quantity> Amount(string resource, Quantity quantity) => Amounts.None.Add(resource, quantity);

    private static Quantity Used(QuotaClan clan, string ns, string resource) =>
        clan.Quotas.TryGetValue(ns, out var quota) ? NamespaceQuota.Read(quota).Used.GetValueOrDefault(resource) : default;

    private static ImmutableHashSet<string> UpFrom(QuotaClan clan, string ns)
    {
        var all = ImmutableHashSet.Create(ns);
        for (var at = clan.Clan[ns].WantedParent; at is not null && clan.Clan.Namespaces.ContainsKey(at) && !all.Contains(at); at = clan.Clan[at].WantedParent)
            all = all.Add(at);
        return all;
    }
}
