using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>A cell that was carried out.</summary>
/// <param name="Outcome">How it ended.</param>
internal readonly record struct Applied(CellOutcome Outcome)
{
    /// <summary>The version of the source that a mirror was created from, which calls for a second look; null where none was.</summary>
    public Snapshot? CreatedFrom { get; init; }

    /// <summary>The version that was written; null or empty where nobody can say.</summary>
    public string? Version { get; init; }
}

/// <summary>
/// Carries one cell's intent out: looks closer where metadata does not tell, makes sure the source's payload was read after the mirror, sends.
/// </summary>
internal sealed class Apply(ICluster cluster, TimeProvider time, SemaphoreSlim writes)
{
    /// <summary>Look, write, be told that the mirror differs in more than metadata shows, look, write: more steps no cell needs.</summary>
    private const int MaxSteps = 6;

    private readonly SharedReads<(Kind Kind, string Namespace, string Name), Snapshot?> sources =
        new(at => cluster.GetAsync(at.Kind, at.Namespace, at.Name, ReadDepth.Content, CancellationToken.None));

    /// <summary>Carries out a cell.</summary>
    /// <param name="cell">The cell as gathered.</param>
    /// <param name="intent">What was decided on it.</param>
    /// <param name="dryRun">Look, but do not write.</param>
    /// <param name="cancellation">Ends it between requests.</param>
    public async Task<Applied> CellAsync(Cell cell, Intent intent, bool dryRun, CancellationToken cancellation)
    {
        try
        {
            return await StepsAsync(cell, intent, dryRun, cancellation);
        }
        catch (ClusterException e) when (e.Failure.Heals)
        {
            return new(End(cell, intent, CellResult.Retry, e.Failure));
        }
    }

    private async Task<Applied> StepsAsync(Cell cell, Intent intent, bool dryRun, CancellationToken cancellation)
    {
        for (var step = 0; step < MaxSteps; step++)
        {
            if (intent.Act == Act.Look || (dryRun ? MayTurnOutOtherwise(cell, intent) : NeedsPayload(cell, intent)))
            {
                cell = await LookCloserAsync(cell, dryRun ? intent with { Act = Act.Look } : intent, cancellation);
                intent = Decision.Decide(cell);
                continue;
            }
            if (!intent.Changes)
                return new(End(cell, intent, intent.Act == Act.Refuse ? CellResult.Refused : CellResult.Unchanged));
            if (dryRun)
                return new(End(cell, intent, CellResult.Planned));
            var write = Render.Request(cell, intent, time.GetUtcNow());
            switch (await SendAsync(write, cancellation))
            {
                case WriteResult.Done when intent.Act == Act.Replace:
                    cell = cell with { Mirror = null };
                    intent = Decision.Decide(cell);
                    continue;
                case WriteResult.Done when intent.Act == Act.Write && cell.Mirror is { } before && Render.MayLeaveSomethingToOthers(write, cell, intent):
                    // Keys that were right already are still somebody else's. Owning them now spares every later sweep the look.
                    cell = cell with { Mirror = await ReadMirrorAsync(cell.Place, before.Kind, cancellation) };
                    if (Decision.Decide(cell) is { Reason: Reason.Claimed } claim)
                        await SendAsync(Render.Request(cell, claim, time.GetUtcNow()), cancellation);
                    return new(End(cell, intent, CellResult.Done));
                case WriteResult.Done done:
                    return new(End(cell, intent, CellResult.Done)) { CreatedFrom = cell.Mirror is null ? cell.Source!.Object : null, Version = done.ResourceVersion };
                case WriteResult.Refused { Failure.Kind: FailureKind.NamespaceTerminating }:
                    return new(End(cell, new(Act.Keep, Reason.NamespaceTerminating), CellResult.Unchanged));
                case WriteResult.Refused { Failure.Kind: FailureKind.Never } when cell.Mirror is { Content: null }:
                    // The payload has something that metadata does not show, such as another type.
                    cell = await LookCloserAsync(cell, intent with { Act = Act.Look }, cancellation);
                    intent = Decision.Decide(cell);
                    continue;
                case WriteResult.Refused refused:
                    return new(End(cell, intent, IsFinal(refused.Failure) ? CellResult.Refused : CellResult.Retry, refused.Failure));
            }
        }
        return new(End(cell, intent, CellResult.Retry));
    }

    private static bool NeedsPayload(Cell cell, Intent intent) =>
        intent.Act is Act.Write or Act.Replace && cell.Source is { Object.Content: null };

    /// <summary>
    /// Whether a payload may yet say otherwise: that the source is of a type that is never copied, that the mirror is of another type, or locked. Carrying the
    /// intent out would show it; a dry run has to look.
    /// </summary>
    private static bool MayTurnOutOtherwise(Cell cell, Intent intent) =>
        NeedsPayload(cell, intent) || (intent.Act == Act.Write && cell.Mirror is { Content: null, Kind: { Frozen: not null } or { Lock: not null } });

    private async Task<Cell> LookCloserAsync(Cell cell, Intent intent, CancellationToken cancellation)
    {
        if (intent.Act == Act.Look && cell.Mirror is { Content: null } mirror)
            cell = cell with { Mirror = await ReadMirrorAsync(cell.Place, mirror.Kind, cancellation) };
        if (cell.Source is not { Object.Content: null } source)
            return cell;
        var read = await sources.ReadAsync((source.Object.Kind, source.Ref.Namespace, source.Ref.Name), cancellation);
        return cell with { Source = read is null ? null : SourceView.Read(read, cell.Settings) };
    }

    private Task<Snapshot?> ReadMirrorAsync(ResourceRef place, Kind kind, CancellationToken cancellation) =>
        cluster.GetAsync(kind, place.Namespace, place.Name, ReadDepth.Content, cancellation);

    private async Task<WriteResult> SendAsync(Write write, CancellationToken cancellation)
    {
        await writes.WaitAsync(cancellation);
        try
        {
            return await cluster.SendAsync(write, cancellation);
        }
        finally
        {
            writes.Release();
        }
    }

    private static bool IsFinal(Failure failure) => failure.Kind is FailureKind.Never or FailureKind.NotAllowed;

    private static CellOutcome End(Cell cell, Intent intent, CellResult result, Failure? failure = null) =>
        CellOutcome.Of(cell, intent, result, failure);
}
