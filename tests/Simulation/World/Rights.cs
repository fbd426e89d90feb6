using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Model;

namespace Heliograph.Simulation.World;

/// <summary>
/// What the exporter and the functions may do. For a while somebody takes a right away: to a kind, to some verbs of it, or to write it in one namespace, as an
/// admission policy would. What was open stays open: the API server judges a watch when it begins.
/// </summary>
internal sealed class Rights(Conditions conditions, TimeProvider time, Dice dice, History history)
{
    private static readonly ImmutableArray<ApiVerb> Reads = [ApiVerb.Get, ApiVerb.List];
    private static readonly ImmutableArray<ApiVerb> Writes = [ApiVerb.Create, ApiVerb.Replace, ApiVerb.Patch, ApiVerb.Apply, ApiVerb.Delete];

    private Missing? missing;

    /// <summary>Takes a right away, in the place of one that is missing already.</summary>
    public void Take()
    {
        var until = time.GetUtcNow() + TimeSpan.FromSeconds(1 + dice.Below(60));
        var kind = dice.Pick(conditions.Followed);
        missing = dice.Below(5) switch
        {
            0 => new Missing(OfExporter: true, kind, null, Reads, until),
            1 => new Missing(OfExporter: false, kind, null, [.. Reads, .. Writes], until),
            2 => new Missing(OfExporter: false, kind, null, Reads, until),
            3 => new Missing(OfExporter: false, dice.Pick(conditions.Kinds), dice.Pick(conditions.Namespaces), Writes, until),
            _ => new Missing(OfExporter: false, dice.Pick(conditions.Kinds), null, [dice.Pick(Writes)], until),
        };
        history.Tell("rights", $"{missing} is not allowed");
    }

    /// <summary>Gives back what is missing.</summary>
    public void Restore()
    {
        if (missing is not null)
            history.Tell("rights", "all is allowed");
        missing = null;
    }

    /// <summary>Whether the functions may do this.</summary>
    public bool Allow(RequestInfo request) =>
        Now is not { OfExporter: false } taken || taken.Kind.Name != request.Kind.Name || !taken.Verbs.Contains(request.Verb) || (taken.Namespace is { } ns && ns != request.Namespace);

    /// <summary>Whether the exporter may list and watch a kind.</summary>
    public bool AllowToFollow(Kind kind) => Now is not { OfExporter: true } taken || taken.Kind.Name != kind.Name;

    private Missing? Now
    {
        get
        {
            if (missing?.Until <= time.GetUtcNow())
                Restore();
            return missing;
        }
    }

    private sealed record Missing(bool OfExporter, Kind Kind, string? Namespace, ImmutableArray<ApiVerb> Verbs, DateTimeOffset Until)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{(OfExporter ? "the exporter" : "the functions")}: {string.Join(", ", Verbs)} {Kind.Plural}{(Namespace is null ? "" : $" in {Namespace}")} for a while");
    }
}
