using System.Text.RegularExpressions;
using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.Promises;

/// <summary>What a rule says of a namespace.</summary>
internal enum Answer
{
    No,
    Yes,

    /// <summary>It cannot be read: what stands stays.</summary>
    Unknown,
}

/// <summary>
/// What the annotations of one object mean, said a second time and independently of the product's rules: only for the words that simulated users write, and as
/// plainly as the promises are written.
/// </summary>
internal sealed class Wants(StoredThing thing, Lineage? lineage)
{
    private readonly Json.Map said = thing.Annotations;

    /// <summary>Whether a controller made the object: then it is not pushed on.</summary>
    public bool IsMade => thing.MadeOf is not null || LeftBehindBy is not null;

    private bool IsLeftBehind => IsTrue(Reflector.AutoReflects) && ReferenceIn(Reflector.Reflects) is not null;

    /// <summary>The object of which another controller says that it made this one.</summary>
    public ResourceRef? LeftBehindBy => IsLeftBehind ? ReferenceIn(Reflector.Reflects)
        : thing.Labels.TextOf(Hnc.InheritedFrom) is { Length: > 0 } ancestor && ancestor != thing.Ref.Namespace ? thing.Ref with { Namespace = ancestor }
        : null;

    /// <summary>Whether Replicator left it, whatever it was copied from.</summary>
    public bool IsLeftByReplicator => said[Replicator.ReplicatedFromVersion] is not null && said[Replicator.ReplicateFrom] is null;

    /// <summary>Whether it asks to be copied anywhere, or lets itself be.</summary>
    public bool IsSource => thing.MadeOf is null && LeftBehindBy is null && (said[Ours.PushTo] is not null || said[Ours.PushToMatching] is not null
            || said[Replicator.ReplicateTo] is not null || said[Replicator.ReplicateToMatching] is not null)
        || said[Ours.AllowPullFrom] is not null || Boolean(Reflector.Allowed) != Answer.No || Boolean(Replicator.ReplicationAllowed) != Answer.No;

    /// <summary>Whether its owner gives it away.</summary>
    public bool IsGiven => IsTrue(Ours.Adopt);

    /// <summary>The source that it asks for, and in which words; Unknown where the first that asks cannot be read.</summary>
    public (Answer Asks, ResourceRef? Source, Speech Speech) Request
    {
        get
        {
            foreach (var (key, speech) in new[] { (Ours.PullFrom, Speech.Heliograph), (Reflector.Reflects, Speech.Reflector), (Replicator.ReplicateFrom, Speech.Replicator) })
            {
                if (said[key] is null || (key == Reflector.Reflects && IsBookkeeping))
                    continue;
                return ReferenceIn(key) is { } source ? (Answer.Yes, source, speech) : (Answer.Unknown, null, speech);
            }
            return (Answer.No, null, default);
        }
    }

    /// <summary>Whether <c>reflects</c> was written by a controller.</summary>
    private bool IsBookkeeping => IsTrue(Reflector.AutoReflects) || (thing.MadeOf is { } made && said.TextOf(Reflector.Reflects) == $"{made.Namespace}/{made.Name}");

    /// <summary>Whether keys, names or labels to copy are given in words that cannot be read.</summary>
    public bool IsRefinementBroken => said.TextOf(Ours.Name) is "Not A Name"
        || (said[Ours.Keys] is not null && (!thing.Kind.HasKeys || said.TextOf(Ours.Keys) == "["))
        || (said[Ours.RenameKeys] is not null && (!thing.Kind.HasKeys || !said.TextOf(Ours.RenameKeys).Contains('=', StringComparison.Ordinal)));

    public string MirrorName => said[Ours.Name] is null
        ? thing.Ref.Name
        : said.TextOf(Ours.Name).Replace("{namespace}", thing.Ref.Namespace, StringComparison.Ordinal).Replace("{name}", thing.Ref.Name, StringComparison.Ordinal);

    public bool IsOnReleaseBroken => said[Ours.OnRelease] is not null && said.TextOf(Ours.OnRelease) is not ("keep" or "delete");

    /// <summary>Whether the source pushes a mirror to a place, and in which words.</summary>
    public (Answer Answer, Speech Speech) Push(ResourceRef place, StoredThing ns)
    {
        if (IsMade || thing.Deleting)
            return (Answer.No, default);
        foreach (var (speech, answer) in Pushes(ns))
        {
            if (answer is not { } says)
                continue;
            var rule = IsRefinementBroken ? Answer.Unknown : says;
            if (MirrorName != place.Name && !(rule == Answer.Unknown))
                continue;
            if (rule == Answer.Yes)
                return (Accepts(ns), speech);
            if (rule == Answer.Unknown)
                return (Answer.Unknown, speech);
        }
        return place.Name == thing.Ref.Name ? (HandsDownTo(ns), Speech.Inheritance) : (Answer.No, default);
    }

    /// <summary>Whether the source permits a namespace to pull.</summary>
    public Answer Permits(StoredThing ns) => IsRefinementBroken ? Answer.Unknown : Any(
        said[Ours.AllowPullFrom] is null ? Answer.No : Named(Ours.AllowPullFrom, ns),
        All(Boolean(Reflector.Allowed), Either(Reflector.AllowedNamespaces, Reflector.AllowedNamespacesSelector, ns)),
        // A permission that cannot be read does not depend on the list.
        Boolean(Replicator.ReplicationAllowed) is var allowed && allowed == Answer.Yes
            ? said.TextOf(Replicator.ReplicationAllowedNamespaces).Trim().Length == 0 ? Answer.No : Named(Replicator.ReplicationAllowedNamespaces, ns)
            : allowed);

    /// <summary>Whether a descendant inherits the object.</summary>
    private Answer HandsDownTo(StoredThing ns)
    {
        if (lineage?.Distance(thing.Ref.Namespace, ns.Ref.Name) is null || thing.Labels[Hnc.InheritedFrom] is not null)
            return Answer.No;
        var (none, all) = (Boolean(Hnc.None), Boolean(Hnc.All));
        var isAsked = said[Hnc.Select] is not null || said[Hnc.TreeSelect] is not null || all != Answer.No;
        return All(
            lineage.Mode(thing.Kind) switch { "Propagate" => Answer.Yes, "AllowPropagate" => When(isAsked), _ => Answer.No },
            said[Hnc.Select] is null ? Answer.Yes : Labelled(Hnc.Select, ns),
            said[Hnc.TreeSelect] is null ? Answer.Yes : InSubtree(said.TextOf(Hnc.TreeSelect), ns.Ref.Name),
            none == Answer.Unknown ? Answer.Unknown : When(none == Answer.No),
            all == Answer.Unknown ? Answer.Unknown : Answer.Yes);
    }

    private Answer InSubtree(string words, string ns) => words switch
    {
        "a, b" or "B ad" => Answer.Unknown,
        _ => When(words.Split(',', StringSplitOptions.TrimEntries).All(word => word[0] == '!' ? !IsAtOrBelow(word[1..], ns) : IsAtOrBelow(word, ns))),
    };

    private bool IsAtOrBelow(string top, string ns) => top == ns || lineage!.Above(ns).Contains(top);

    /// <summary>What each vocabulary says, in the order in which they are heard; null where it says nothing.</summary>
    private IEnumerable<(Speech Speech, Answer? Answer)> Pushes(StoredThing ns)
    {
        if (said[Ours.PushTo] is not null || said[Ours.PushToMatching] is not null)
        {
            yield return (Speech.Heliograph, Any(
                said[Ours.PushTo] is null ? Answer.No : Named(Ours.PushTo, ns),
                said[Ours.PushToMatching] is null ? Answer.No : Labelled(Ours.PushToMatching, ns)));
        }
        if (Boolean(Reflector.Allowed) != Answer.No && Boolean(Reflector.AutoEnabled) != Answer.No)
        {
            yield return (Speech.Reflector, All(
                Boolean(Reflector.Allowed), Boolean(Reflector.AutoEnabled),
                Either(Reflector.AllowedNamespaces, Reflector.AllowedNamespacesSelector, ns), Either(Reflector.AutoNamespaces, Reflector.AutoNamespacesSelector, ns)));
        }
        if (said[Replicator.ReplicateTo] is null && said[Replicator.ReplicateToMatching] is null)
            yield break;
        var isBroken = Boolean(Replicator.StripLabels) == Answer.Unknown;
        yield return (Speech.Replicator, isBroken ? Answer.Unknown : Any(
            said[Replicator.ReplicateTo] is null ? Answer.No : Named(Replicator.ReplicateTo, ns),
            said[Replicator.ReplicateToMatching] is null ? Answer.No : Labelled(Replicator.ReplicateToMatching, ns)));
    }

    private Answer Accepts(StoredThing ns)
    {
        if (ns.Annotations[Ours.AcceptFrom] is not Json.Text { Value: var list } || ns.Ref.Name == thing.Ref.Namespace)
            return Answer.Yes;
        return Matches(list, thing.Ref.Namespace);
    }

    private Answer Either(string listKey, string selectorKey, StoredThing ns)
    {
        var hasList = said.TextOf(listKey).Trim().Length > 0;
        var hasSelector = said.TextOf(selectorKey).Trim().Length > 0;
        return !hasList && !hasSelector ? Answer.Yes : Any(hasList ? Named(listKey, ns) : Answer.No, hasSelector ? Labelled(selectorKey, ns) : Answer.No);
    }

    private Answer Named(string key, StoredThing ns) => Matches(said.TextOf(key), ns.Ref.Name);

    private Answer Labelled(string key, StoredThing ns)
    {
        var tier = ns.Labels["tier"] is Json.Text { Value: var value } ? value : null;
        return said.TextOf(key) switch
        {
            "tier=web" => When(tier == "web"),
            "tier" => When(tier is not null),
            "!tier" => When(tier is null),
            "tier in (db)" => When(tier == "db"),
            // Kubernetes' empty selector is everything; ours does not take that for what was meant.
            "" => key == Replicator.ReplicateToMatching ? Answer.Yes : Answer.Unknown,
            _ => Answer.Unknown,
        };
    }

    private static Answer Matches(string list, string name)
    {
        var items = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (items.Contains("["))
            return Answer.Unknown;
        return When(items.Any(item => item == "*" || Regex.IsMatch(name, $"^(?:{item})$")));
    }

    private Answer Boolean(string key) => said[key] is null ? Answer.No : said.TextOf(key).Trim().ToUpperInvariant() switch
    {
        "TRUE" => Answer.Yes,
        "FALSE" => Answer.No,
        _ => Answer.Unknown,
    };

    private bool IsTrue(string key) => Boolean(key) == Answer.Yes;

    /// <summary>What a reference names; null where it names nothing, or the object itself.</summary>
    private ResourceRef? ReferenceIn(string key) =>
        said.TextOf(key).Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name] && new ResourceRef(thing.Kind.Name, ns, name) is var named && named != thing.Ref ? named : null;

    private static Answer When(bool holds) => holds ? Answer.Yes : Answer.No;

    private static Answer Any(params Answer[] answers) =>
        answers.Contains(Answer.Yes) ? Answer.Yes : answers.Contains(Answer.Unknown) ? Answer.Unknown : Answer.No;

    private static Answer All(params Answer[] answers) =>
        answers.Contains(Answer.No) ? Answer.No : answers.Contains(Answer.Unknown) ? Answer.Unknown : Answer.Yes;
}

/// <summary>In which vocabulary a mirror is wanted.</summary>
internal enum Speech
{
    Heliograph,
    Reflector,
    Replicator,

    /// <summary>In none: its namespace inherits.</summary>
    Inheritance,
}
