using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>What is to be done after an input, in order.</summary>
public abstract record WatchAction
{
    private WatchAction()
    {
    }

    /// <summary>Tell the catalogue that a list begins, and read it.</summary>
    public sealed record List : WatchAction;

    /// <summary>Show the objects of a page to the catalogue. Nobody is told of them: the sweep after the list looks at everything.</summary>
    public sealed record Feed(ImmutableArray<Snapshot> Objects) : WatchAction;

    /// <summary>Tell the catalogue that the list is complete: what it knew and was not in the list is gone.</summary>
    /// <param name="Version">The version of the list.</param>
    public sealed record CloseList(string Version) : WatchAction;

    /// <summary>Open a watch for all that happened after a version.</summary>
    public sealed record Watch(string Version) : WatchAction;

    /// <summary>Show a new or changed object to the catalogue.</summary>
    public sealed record Changed(Snapshot Object) : WatchAction;

    /// <summary>Show a deleted object to the catalogue.</summary>
    public sealed record Deleted(Snapshot Object) : WatchAction;

    /// <summary>Take note that there is no such kind, wait until it is time to ask again, and say so.</summary>
    public sealed record AwaitKind : WatchAction;

    /// <summary>Wait, the longer the higher the number, and say so when the delay has passed.</summary>
    /// <param name="Attempt">From 1 to <see cref="Setbacks.Most"/>.</param>
    public sealed record Wait(int Attempt) : WatchAction;
}
