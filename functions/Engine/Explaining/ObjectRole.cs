using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>What one object is to us, from its annotations, its kind and the settings.</summary>
public sealed record ObjectRole
{
    /// <summary>The object.</summary>
    public required ResourceRef Object { get; init; }

    /// <summary>The version read.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>What it says of itself as a source.</summary>
    public required SourceSpecification Specification { get; init; }

    /// <summary>Why it is never a source, whatever it says; null where it may be one.</summary>
    public required string? Refusal { get; init; }

    /// <summary>The request it makes to be filled; null where it makes none.</summary>
    public required PullRequest? Request { get; init; }

    /// <summary>The source of which our bookkeeping says that it was made or filled; null where there is none.</summary>
    public required ResourceRef? CopyOf { get; init; }

    /// <summary>Whether it was filled on its own request, as opposed to made by us.</summary>
    public required bool OnRequest { get; init; }

    /// <summary>The source of which another controller says that it made it; null where none does.</summary>
    public required ResourceRef? PeerClaim { get; init; }

    /// <summary>Whether its owner consents that it becomes a mirror.</summary>
    public required bool Consents { get; init; }

    /// <summary>What cannot be read in its annotations.</summary>
    public required ImmutableArray<Fault> Faults { get; init; }

    internal static ObjectRole Of(SourceView view)
    {
        var read = view.Object;
        return new ObjectRole
        {
            Object = read.Ref,
            ResourceVersion = read.ResourceVersion,
            Specification = view.Specification,
            Refusal = view.Refusal,
            Request = Dialects.ReadRequest(read),
            CopyOf = ResourceRef.TryParse(read.Annotation(Vocabulary.Heliograph.Source), out var source) ? source : null,
            OnRequest = read.Annotation(Vocabulary.Heliograph.Mirror) == Vocabulary.Heliograph.MirrorOnRequest,
            PeerClaim = Dialects.ReadPeerClaim(read),
            Consents = Standing.Consents(read),
            Faults = Dialects.ReadFaults(read),
        };
    }
}
