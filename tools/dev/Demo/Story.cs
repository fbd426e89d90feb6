using System.Diagnostics;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Dev.Demo;

/// <summary>One thing that happened, as a person is told of it.</summary>
/// <param name="Time">When.</param>
/// <param name="Mirror">Whether it is about a mirror, that is: whether it is an effect rather than a cause.</param>
/// <param name="What">What it happened to.</param>
/// <param name="Verb">What happened.</param>
/// <param name="Took">How long after its cause; null where that is not known.</param>
internal sealed record Happening(DateTimeOffset Time, bool Mirror, string What, string Verb, TimeSpan? Took);

/// <summary>How a cell of the mirror matrix stands.</summary>
internal enum CellStanding
{
    /// <summary>The mirror is a copy of the source as it is now.</summary>
    Fresh,

    /// <summary>The mirror is behind the source, or somebody changed it.</summary>
    Stale,

    /// <summary>A mirror is wanted and does not come.</summary>
    Refused,
}

/// <summary>A cell of the mirror matrix.</summary>
/// <param name="Standing">How it stands.</param>
/// <param name="Took">How long after its cause the mirror came to be as it is.</param>
/// <param name="Reason">Why it is refused.</param>
internal sealed record CellView(CellStanding Standing, TimeSpan? Took, string Reason = "");

/// <summary>The matrix as it stands.</summary>
/// <param name="Sources">Its rows.</param>
/// <param name="Namespaces">Its columns: those that matter to any source, the oldest first.</param>
/// <param name="Cells">Its cells, as far as there is something to say of them.</param>
/// <param name="Invalid">The objects with annotations that cannot be read.</param>
internal sealed record MatrixView(
    IReadOnlyList<ResourceRef> Sources, IReadOnlyList<string> Namespaces,
    IReadOnlyDictionary<(ResourceRef Source, string Namespace), CellView> Cells, IReadOnlySet<ResourceRef> Invalid);

/// <summary>
/// Makes sense of what the watches tell: what was a cause, what an effect, and the time between. The cause of a change to a mirror is the
/// latest change to its source, to its namespace, or to the mirror itself by somebody else.
/// </summary>
internal sealed class Story
{
    private const int MaxHappenings = 200;

    /// <summary>What comes later than this after its presumed cause has another one, such as a person's hand.</summary>
    private static readonly TimeSpan LongestEffect = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Dictionary<ResourceRef, Seen> seen = [];
    private readonly Dictionary<ResourceRef, long> causes = [];
    private readonly Dictionary<ResourceRef, (ResourceRef Source, TimeSpan? Took)> mirrors = [];
    private readonly Queue<Happening> happenings = [];
    private Plan plan = Plan.Empty;

    /// <summary>How often anything changed.</summary>
    public int Revision { get; private set; }

    /// <summary>The last things that happened, oldest first.</summary>
    public IReadOnlyList<Happening> Last(int count)
    {
        lock (gate)
            return [.. happenings.TakeLast(count)];
    }

    /// <summary>What is refused, and what annotations cannot be read.</summary>
    public Plan Plan
    {
        get
        {
            lock (gate)
                return plan;
        }
        set
        {
            lock (gate)
            {
                plan = value;
                Revision++;
            }
        }
    }

    /// <summary>Takes a line of a watch in.</summary>
    /// <returns>What there is to tell of it; null for nothing.</returns>
    public Happening? Take(Seen line)
    {
        lock (gate)
        {
            var happening = line.Object.Kind == Kinds.Namespace ? OfNamespace(line) : OfObject(line);
            seen[line.Ref] = line;
            Revision++;
            if (happening is null || line.Initial)
                return null;
            happenings.Enqueue(happening);
            if (happenings.Count > MaxHappenings)
                happenings.Dequeue();
            return happening;
        }
    }

    /// <summary>The matrix as it stands.</summary>
    public MatrixView Matrix()
    {
        lock (gate)
        {
            var cells = new Dictionary<(ResourceRef Source, string Namespace), CellView>();
            foreach (var cell in plan.Cells.Where(cell => cell.IsRefused))
                cells[(cell.Source, cell.Mirror.Namespace)] = new CellView(CellStanding.Refused, null, cell.Reason);
            foreach (var (mirror, (source, took)) in mirrors)
                cells[(source, mirror.Namespace)] = new CellView(IsFresh(mirror, source) ? CellStanding.Fresh : CellStanding.Stale, took);
            var sources = cells.Keys.Select(cell => cell.Source).Concat(plan.Faults.Select(fault => fault.Object)).Distinct();
            var namespaces = cells.Keys.Select(cell => cell.Namespace).Distinct();
            return new MatrixView(
                [.. sources.OrderBy(source => source.ToString(), StringComparer.Ordinal)],
                [.. namespaces.OrderBy(Age).ThenBy(ns => ns, StringComparer.Ordinal)],
                cells,
                plan.Faults.Select(fault => fault.Object).ToHashSet());
        }
    }

    private DateTimeOffset Age(string ns) => seen.GetValueOrDefault(NamespaceRef(ns))?.Object.Created ?? DateTimeOffset.MaxValue;

    private static ResourceRef NamespaceRef(string name) => new("Namespace", "", name);

    private Happening? OfNamespace(Seen line)
    {
        var verb = line switch
        {
            { Gone: true } => "deleted",
            { Object.Deleting: true } => "is being deleted",
            { Before: null } => "created",
            { Before: var before } when Differ(before.Labels, line.Object.Labels) => "labelled",
            _ => null,
        };
        if (verb is null)
            return null;
        causes[line.Ref] = line.At;
        return Told(false, $"namespace {line.Object.Name}", verb, null);
    }

    private Happening? OfObject(Seen line)
    {
        if (ResourceRef.TryParse(line.Object.Annotation(Vocabulary.Heliograph.Source), out var source))
            return OfMirror(line, source);
        if (mirrors.Remove(line.Ref))
            return Told(true, Short(line.Ref), "released", Since(line, source));
        causes[line.Ref] = line.At;
        return Dialects.ReadSource(line.Object).IsSource || Dialects.ReadRequest(line.Object) is not null || seen.ContainsKey(line.Ref)
            ? Told(false, $"{line.Object.Kind} {Short(line.Ref)}", line.Gone ? "deleted" : line.Before is null ? "created" : "changed", null)
            : null;
    }

    private Happening OfMirror(Seen line, ResourceRef source)
    {
        var what = Short(line.Ref);
        var took = Since(line, source);
        if (line.Gone)
        {
            mirrors.Remove(line.Ref);
            causes[line.Ref] = line.At;
            return Told(true, what, "gone", took);
        }
        var byOthers = !line.Object.Ownership.Others.IsEmpty;
        if (byOthers)
            causes[line.Ref] = line.At;
        mirrors[line.Ref] = (source, byOthers ? null : took);
        return byOthers
            ? Told(false, what, "edited by somebody else", null)
            : Told(true, what, line.Before is null ? "created" : "written", took);
    }

    private TimeSpan? Since(Seen line, ResourceRef source)
    {
        var cause = new[] { source, NamespaceRef(line.Object.Namespace), line.Ref }.Max(one => causes.GetValueOrDefault(one));
        var took = cause == 0 ? (TimeSpan?)null : Stopwatch.GetElapsedTime(cause, Math.Max(cause, line.At));
        return took < LongestEffect ? took : null;
    }

    private bool IsFresh(ResourceRef mirror, ResourceRef source) =>
        seen.GetValueOrDefault(mirror) is { Gone: false } copy && seen.GetValueOrDefault(source) is { Gone: false } original
        && copy.Object.Ownership.Others.IsEmpty
        && copy.Object.Annotation(Vocabulary.Heliograph.SourceVersion) == original.Object.ResourceVersion;

    private static bool Differ(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count != other.Count || one.Any(pair => other.GetValueOrDefault(pair.Key) != pair.Value);

    private static string Short(ResourceRef reference) => $"{reference.Namespace}/{reference.Name}";

    private static Happening Told(bool mirror, string what, string verb, TimeSpan? took) => new(DateTimeOffset.Now, mirror, what, verb, took);
}
