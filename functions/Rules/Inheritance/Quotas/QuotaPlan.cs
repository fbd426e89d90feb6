using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>
/// What hierarchical quotas come to: in every namespace one ResourceQuota with the least of all limits that hold there, by which the API server counts what
/// the namespace uses; for every HierarchicalResourceQuota the sum over its part of the tree.
/// </summary>
/// <remarks>
/// Nobody leaves a limit by bringing the tree into disorder. Limits follow parents, in circles too. Where a namespace is halted, its ResourceQuota may become
/// stricter but never looser, and stays.
/// </remarks>
public sealed class QuotaPlan
{
    private readonly NamespaceTree tree;
    private readonly Dictionary<string, ImmutableArray<HierarchicalQuota>> limits;
    private readonly Dictionary<string, NamespaceQuota> quotas;

    private QuotaPlan(NamespaceTree tree, Dictionary<string, ImmutableArray<HierarchicalQuota>> limits, Dictionary<string, NamespaceQuota> quotas)
    {
        this.tree = tree;
        this.limits = limits;
        this.quotas = quotas;
    }

    /// <summary>Every HierarchicalResourceQuota that has a place in the tree, with the status it should have, by namespace and name.</summary>
    public IEnumerable<(HierarchicalQuota Quota, QuotaStatus Status)> Statuses
    {
        get
        {
            foreach (var (ns, here) in limits.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                var used = UsedBelow(ns);
                foreach (var quota in here)
                    yield return (quota, QuotaStatus.Of(quota.Hard, used));
            }
        }
    }

    /// <summary>Every namespace with the limits its ResourceQuota should have, by name. Without limits there shall be none.</summary>
    public IEnumerable<(TreeNode Namespace, NamespaceQuota? Quota, ImmutableSortedDictionary<string, Quantity> Hard)> Namespaces =>
        tree.Nodes.OrderBy(node => node.Name, StringComparer.Ordinal).Select(node => (node, quotas.GetValueOrDefault(node.Name), HardOf(node)));

    /// <summary>What cannot be read of the limits. A limit that cannot be read limits nothing.</summary>
    public IEnumerable<Fault> Faults => limits.Values.SelectMany(here => here).SelectMany(limit => HierarchicalQuota.Problems(limit.Object).Select(problem => problem.Split(": ", 2)).Select(problem =>
        new Fault(limit.Object.Ref, problem[0], problem[1], "correct it; until then this line limits nothing") { Uid = limit.Object.Uid }));

    /// <summary>Computes the plan.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="limits">All HierarchicalResourceQuotas, with their payload.</param>
    /// <param name="quotas">ResourceQuotas, with their payload; those of another name than <see cref="Vocabulary.Hnc.Quota"/> are somebody else's.</param>
    public static QuotaPlan Of(NamespaceTree tree, IEnumerable<Snapshot> limits, IEnumerable<Snapshot> quotas)
    {
        var read = new Dictionary<string, NamespaceQuota>(StringComparer.Ordinal);
        foreach (var quota in quotas.Where(quota => quota.Name == Vocabulary.Hnc.Quota))
            read[quota.Namespace] = NamespaceQuota.Read(quota);
        return new QuotaPlan(
            tree,
            limits.Where(limit => tree[limit.Namespace] is { IsManaged: true }).GroupBy(limit => limit.Namespace, StringComparer.Ordinal).ToDictionary(
                group => group.Key,
                group => group.OrderBy(limit => limit.Name, StringComparer.Ordinal).Select(HierarchicalQuota.Read).ToImmutableArray(),
                StringComparer.Ordinal),
            read);
    }

    /// <summary>The plan where usage that was granted, and is not written yet, counts as used.</summary>
    public QuotaPlan With(IEnumerable<QuotaGrant> grants)
    {
        var counted = new Dictionary<string, NamespaceQuota>(quotas, StringComparer.Ordinal);
        foreach (var grant in grants)
        {
            if (quotas.TryGetValue(grant.Namespace, out var quota) && quota.Object.ResourceVersion == grant.Version)
                counted[grant.Namespace] = quota with { Used = grant.Used };
        }
        return new QuotaPlan(tree, limits, counted);
    }

    /// <summary>Why a namespace may not use more; null where it may.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="before">What it uses, as the status of its ResourceQuota says.</param>
    /// <param name="after">What it would use.</param>
    /// <returns>HNC's message. Of several limits the topmost is told.</returns>
    public string? WhyExceeded(string ns, ImmutableSortedDictionary<string, Quantity> before, ImmutableSortedDictionary<string, Quantity> after)
    {
        // Whoever uses less, or as much as before, may do so whatever the limit.
        var more = after.Where(amount => amount.Value > before.GetValueOrDefault(amount.Key)).ToImmutableArray();
        if (more.IsEmpty || tree[ns] is not { } node)
            return null;
        foreach (var above in UpFrom(node).Reverse())
        {
            var here = limits.GetValueOrDefault(above.Name, []);
            var used = here.IsEmpty ? Amounts.None : UsedBelow(above.Name, ns, before);
            foreach (var limit in here)
            {
                var exceeded = string.Concat(more.Select(amount => Exceeded(limit, amount, before.GetValueOrDefault(amount.Key), used.GetValueOrDefault(amount.Key))));
                if (exceeded.Length > 0)
                    return $"exceeded hierarchical quota in namespace \"{above}\": \"{limit.Name}\"{exceeded}";
            }
        }
        return null;
    }

    private static string Exceeded(HierarchicalQuota limit, KeyValuePair<string, Quantity> amount, Quantity before, Quantity used)
    {
        var requested = amount.Value - before;
        return limit.Hard.TryGetValue(amount.Key, out var hard) && used + requested > hard
            ? $", requested: {amount.Key}={requested}, used: {amount.Key}={used}, limited: {amount.Key}={hard}"
            : "";
    }

    private ImmutableSortedDictionary<string, Quantity> HardOf(TreeNode node)
    {
        var hard = UpFrom(node).SelectMany(above => limits.GetValueOrDefault(above.Name, [])).Aggregate(Amounts.None, (least, limit) => Amounts.Least(least, limit.Hard));
        return node.Halt is not null && quotas.TryGetValue(node.Name, out var quota) ? Amounts.Least(hard, quota.Hard) : hard;
    }

    private ImmutableSortedDictionary<string, Quantity> UsedBelow(string ns, string? except = null, ImmutableSortedDictionary<string, Quantity>? instead = null) =>
        tree[ns]!.Descendants.Prepend(tree[ns]!).Aggregate(Amounts.None, (sum, node) =>
            node.Name == except ? Amounts.Sum(sum, instead!)
            : quotas.TryGetValue(node.Name, out var quota) ? Amounts.Sum(sum, quota.Used)
            : sum);

    /// <summary>A namespace and all above it, nearest first; each once, should parents go round in a circle.</summary>
    private static IEnumerable<TreeNode> UpFrom(TreeNode node)
    {
        var seen = new HashSet<TreeNode>();
        for (var at = node; at is not null && seen.Add(at); at = at.Parent)
            yield return at;
    }
}
