using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>An object together with what its annotations, its kind and the settings make of it as a source.</summary>
public sealed record SourceView
{
    /// <summary>A source has at most three pushes and three ways to be pulled; a caller's own policies must not pile up.</summary>
    private const int MaxComputed = 8;

    private ImmutableArray<(MirrorPolicy Policy, bool OnRequest, Desired Desired)> computed = [];

    private SourceView(Snapshot read, SourceSpecification specification, string? refusal)
    {
        Object = read;
        Specification = specification;
        Refusal = refusal;
    }

    /// <summary>The object.</summary>
    public Snapshot Object { get; }

    /// <summary>What it says of itself as a source.</summary>
    public SourceSpecification Specification { get; }

    /// <summary>Why this object is never a source, whatever it says; null where it may be one.</summary>
    public string? Refusal { get; }

    /// <summary>What cannot be read of that which it says of its heirs, where inheritance is on.</summary>
    public ImmutableArray<Fault> InheritanceFaults { get; private init; } = [];

    /// <summary>The object's name.</summary>
    public ResourceRef Ref => Object.Ref;

    /// <summary>Reads an object as a source.</summary>
    public static SourceView Read(Snapshot source, RuleSettings settings)
    {
        var specification = Dialects.ReadSource(source);
        // What the object says itself goes before what follows from its place.
        var annotations = new AnnotationReader(source);
        if (settings.Hierarchy?.RuleOf(source, annotations) is { } inherited && !Dialects.IsMadeMirror(source))
            specification = specification with { Pushes = specification.Pushes.Add(inherited) };
        return new SourceView(source, specification, Refuse(source, settings)) { InheritanceFaults = annotations.Faults };
    }

    /// <summary>Whether this source wants a mirror at a place by a push, or — its rules being unreadable — may want one.</summary>
    public bool MayPushInto(ResourceRef place, Snapshot ns, RuleSettings settings) =>
        Wish.Of(this, place, ns, request: null, cycle: null, settings) is Wish.Push or Wish.Frozen;

    /// <summary>The push by which this source wants a mirror at a place; null where it wants none there, or cannot have one.</summary>
    public PushRule? PushInto(ResourceRef place, Snapshot ns, RuleSettings settings) =>
        (Wish.Of(this, place, ns, request: null, cycle: null, settings) as Wish.Push)?.Rule;

    /// <summary>Two views are the same if they are of the same object as read; what was computed from it is no part of that.</summary>
    public bool Equals(SourceView? other) => other is not null && Refusal == other.Refusal && Object.Equals(other.Object);

    /// <inheritdoc/>
    public override int GetHashCode() => Ref.GetHashCode();

    /// <summary>What a mirror shall have by a policy. Computed once: it is the same for every place.</summary>
    internal Desired Desired(MirrorPolicy policy, bool onRequest)
    {
        foreach (var known in computed)
        {
            if (ReferenceEquals(known.Policy, policy) && known.OnRequest == onRequest)
                return known.Desired;
        }
        var desired = Rules.Desired.Of(this, policy, onRequest);
        ImmutableInterlocked.Update(ref computed, (all, one) => all.Length < MaxComputed ? all.Add(one) : all, (policy, onRequest, desired));
        return desired;
    }

    private static string? Refuse(Snapshot source, RuleSettings settings)
    {
        var kind = source.Kind;
        if (source.Deleting)
            return $"{source.Ref} is being deleted";
        if (kind.RefusedNames.Contains(source.Name))
            return $"the cluster itself puts a {kind.Name} named {source.Name} into every namespace";
        if (settings.ExcludedSourceNamespaces.Matches(source.Namespace))
            return $"namespace {source.Namespace} is excluded from being a source (setting Replication__ExcludedSourceNamespaces)";
        var type = kind.Frozen is { } frozen ? source.Content?.Text(frozen) : null;
        return type is not null && kind.RefusedTypes.Any(refused => type == refused || (refused.EndsWith('/') && type.StartsWith(refused, StringComparison.Ordinal)))
            ? $"a {kind.Name} of type {type} is never copied"
            : null;
    }
}
