using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>A hint that is to be told, with the version of the object it stems from.</summary>
/// <param name="Hint">What is told. It may hold more references than one event can carry; <see cref="Events"/> splits it.</param>
/// <param name="Uid">The UID of the object or namespace.</param>
/// <param name="ResourceVersion">The version that gave rise to it.</param>
public sealed record Notice(Hint Hint, string Uid, string ResourceVersion)
{
    private string Change => Hint switch
    {
        Hint.ObjectChanged { Deleted: true } => "deleted",
        Hint.SyncCompleted => "completed",
        _ => "changed",
    };

    /// <summary>The events to send: one, or several where there are more references than one may hold.</summary>
    /// <param name="maxReferences">How many of a kind one event holds, at most <see cref="HintJson.MaxReferences"/>.</param>
    /// <returns>Each with the CloudEvents <c>id</c>, which is the same whenever the same change is told again.</returns>
    public IEnumerable<(string Id, Hint Hint)> Events(int maxReferences = HintJson.MaxReferences)
    {
        var id = $"{Uid}.{ResourceVersion}.{Change}";
        var parts = Parts(maxReferences);
        return parts == 1
            ? [(id, Hint)]
            : Enumerable.Range(0, parts).Select(part => (string.Create(CultureInfo.InvariantCulture, $"{id}.{part}"), Part(part, maxReferences)));
    }

    private int Parts(int maxReferences)
    {
        var references = Hint switch
        {
            Hint.ObjectChanged changed => Math.Max(changed.MirrorOf.Length, changed.Mirrors.Length),
            Hint.NamespaceChanged changed => Math.Max(changed.Sources.Length, changed.Mirrors.Length),
            _ => 0,
        };
        return Math.Max(1, (references + maxReferences - 1) / maxReferences);
    }

    private Hint Part(int part, int size) => Hint switch
    {
        Hint.ObjectChanged changed => changed with { MirrorOf = Part(changed.MirrorOf, part, size), Mirrors = Part(changed.Mirrors, part, size) },
        Hint.NamespaceChanged changed => changed with { Sources = Part(changed.Sources, part, size), Mirrors = Part(changed.Mirrors, part, size) },
        _ => Hint,
    };

    private static ImmutableArray<ResourceRef> Part(ImmutableArray<ResourceRef> references, int part, int size) =>
        [.. references.Skip(part * size).Take(size)];
}

/// <summary>What the catalogue makes of a change.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>It has nothing to do with us.</summary>
    public static Verdict Irrelevant { get; } = new IrrelevantChange();

    /// <summary>It is our own write coming back, or it touched nothing that we wrote.</summary>
    public static Verdict Echo { get; } = new EchoOfOurs();

    /// <summary>It is to be told.</summary>
    public sealed record Tell(Notice Notice) : Verdict
    {
        /// <summary>What else is to be told; null where that is all.</summary>
        public Notice? Also { get; init; }
    }

    private sealed record IrrelevantChange : Verdict;

    private sealed record EchoOfOurs : Verdict;
}
