using System.Collections.Frozen;
using System.Collections.Immutable;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Hns;

/// <summary>A namespace and what is known of its place.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parent">The parent that it asks for; empty for a root.</param>
/// <param name="IsSubnamespace">Whether it lives and dies with an anchor in its parent.</param>
/// <param name="Conditions">What the controller says of it.</param>
internal sealed record Member(string Name, string Parent, bool IsSubnamespace, ImmutableArray<Condition> Conditions);

/// <summary>Namespaces and their parents, as they ask for them: whoever asks for a parent is its child here, accepted or not, as with HNC.</summary>
internal sealed class Forest
{
    private readonly FrozenDictionary<string, Member> members;
    private readonly FrozenDictionary<string, ImmutableArray<Member>> children;

    public Forest(IEnumerable<Member> all)
    {
        members = all.ToFrozenDictionary(member => member.Name, StringComparer.Ordinal);
        Members = [.. members.Values.OrderBy(member => member.Name, StringComparer.Ordinal)];
        children = Members.Where(member => member.Parent.Length > 0).GroupBy(member => member.Parent)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>All of them, by name.</summary>
    public ImmutableArray<Member> Members { get; }

    public Member? Find(string name) => members.GetValueOrDefault(name);

    /// <summary>The children of a namespace, by name.</summary>
    public ImmutableArray<Member> ChildrenOf(string name) => children.TryGetValue(name, out var found) ? found : [];

    /// <summary>Whether nobody here is its parent: it asks for none, or for one that is not there.</summary>
    public bool IsRoot(Member member) => member.Parent.Length == 0 || !members.ContainsKey(member.Parent);

    /// <summary>Whether a namespace is its own ancestor, or was when the controller looked.</summary>
    public bool IsInCycle(Member member)
    {
        if (member.Conditions.Any(condition => condition.Reason == TreeCondition.InCycle))
            return true;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var ancestor = Find(member.Parent); ancestor is not null && seen.Add(ancestor.Name); ancestor = Find(ancestor.Parent))
        {
            if (ancestor.Name == member.Name)
                return true;
        }
        return false;
    }

    /// <summary>A namespace and all of its descendants, by name.</summary>
    public ImmutableSortedSet<string> SubtreeOf(string name)
    {
        var found = new HashSet<string>(StringComparer.Ordinal) { name };
        var open = new Queue<string>(found);
        while (open.TryDequeue(out var next))
        {
            foreach (var child in ChildrenOf(next).Where(child => found.Add(child.Name)))
                open.Enqueue(child.Name);
        }
        return found.ToImmutableSortedSet(StringComparer.Ordinal);
    }
}
