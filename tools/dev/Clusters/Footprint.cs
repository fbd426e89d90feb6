using System.Text.Json.Nodes;
using Heliograph.Dev.Processes;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Dev.Clusters;

/// <summary>
/// Everything that this command creates in somebody's cluster, so that all of it, and nothing else, goes again. Objects that outlive a
/// namespace, and namespaces, bear a mark that says which process made them.
/// </summary>
internal sealed class Footprint(Api api)
{
    public const string FieldManager = "heliograph-dev";
    private const string Mark = "heliograph-dev/made-by";

    private static readonly TimeSpan DeletionPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly List<(Kind Kind, string Name, string Uid)> created = [];

    /// <summary>Makes sure that none of these is somebody else's, and removes what a run that was killed has left.</summary>
    /// <exception cref="DevException">Something of that name is there and not ours, or another run is using the cluster.</exception>
    public async Task ClaimAsync(IEnumerable<Manifest> manifests, CancellationToken cancellation)
    {
        var left = new List<(Kind Kind, string Name, string Uid)>();
        foreach (var manifest in manifests.Where(NeedsMark))
        {
            if (await api.GetAsync(manifest.Kind, manifest.Namespace, manifest.Name, cancellation) is not { } found)
                continue;
            var maker = ProcessIdentity.Parse((string?)found["metadata"]!["annotations"]?[Mark]);
            if (Objection(maker) is { } objection)
                throw new DevException($"{manifest.Kind} {manifest.Name} exists in this cluster already{objection}");
            left.Add((manifest.Kind, manifest.Name, (string)found["metadata"]!["uid"]!));
        }
        if (left.Count == 0)
            return;
        var names = string.Join(", ", left.Select(one => $"{one.Kind} {one.Name}"));
        Progress.ToStderr.Report($"removing what a run that was killed has left in this cluster: {names}");
        await RemoveAsync(left, cancellation);
    }

    /// <summary>Creates an object and remembers it.</summary>
    public async Task<JsonObject> CreateAsync(Manifest manifest, CancellationToken cancellation, string fieldManager = FieldManager)
    {
        var marked = NeedsMark(manifest);
        var made = await api.CreateAsync(marked ? manifest.Annotated(Mark, ProcessIdentity.Self.ToString()) : manifest, fieldManager, cancellation);
        if (marked)
            created.Add((manifest.Kind, manifest.Name, (string)made["metadata"]!["uid"]!));
        return made;
    }

    /// <summary>Removes all that was created and waits until it is gone.</summary>
    /// <exception cref="DevException">Something is still there; the message says what, and how to remove it.</exception>
    public Task RemoveAsync(CancellationToken cancellation) => RemoveAsync(created.AsEnumerable().Reverse(), cancellation);

    /// <summary>What lives in one of our namespaces goes with it.</summary>
    private static bool NeedsMark(Manifest manifest) => !manifest.Kind.Namespaced;

    private static string? Objection(ProcessIdentity? maker) => maker switch
    {
        null => " and was not made by ./dev up, so it is left alone. Use another cluster, or remove it first if you do not need it.",
        { IsAlive: true } => $": another ./dev up (process {maker.Id}) is using it. One at a time.",
        { IsOnThisMachine: false } =>
            $", made by a ./dev up on {maker.Host}. If that one is over, remove what bears the annotation {Mark}.",
        _ => null,
    };

    private async Task RemoveAsync(IEnumerable<(Kind Kind, string Name, string Uid)> objects, CancellationToken cancellation)
    {
        var all = objects.ToArray();
        foreach (var (kind, name, uid) in all)
        {
            try
            {
                await api.DeleteAsync(kind, "", name, uid, cancellation);
            }
            catch (ClusterException e) when (e.Failure.Kind is FailureKind.Gone or FailureKind.Overtaken)
            {
                // Somebody removed it, and perhaps made it anew: then it is theirs.
            }
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(DeletionPatience);
        foreach (var (kind, name, uid) in all)
            await WaitUntilGoneAsync(kind, name, uid, patience.Token, cancellation);
    }

    private async Task WaitUntilGoneAsync(Kind kind, string name, string uid, CancellationToken patience, CancellationToken cancellation)
    {
        try
        {
            while (await api.GetAsync(kind, "", name, patience) is { } found && (string?)found["metadata"]!["uid"] == uid)
                await Task.Delay(PollInterval, patience);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DevException(
                $"{kind} {name} is still being deleted after {DeletionPatience.TotalSeconds:0} s; kubectl get {kind.Plural} {name} -o yaml tells why.");
        }
    }
}
