using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>
/// Asks for a read again that failed for now. A scope takes many reads: were it begun anew for each that fails, it would hardly ever come to its end where one
/// request in five goes wrong. Writes are sent once: only another look tells what became of one.
/// </summary>
internal sealed class PatientReads(ICluster real, TimeProvider time) : ICluster
{
    /// <inheritdoc/>
    /// <remarks>The newest state is asked for at once where an older one would have done: the cache that has it may be what is in trouble.</remarks>
    public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
        AskAsync(times => real.ListAsync(kind, times == 1 ? scope : scope with { NotOlderThan = null }, keep, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
        AskAsync(_ => real.GetAsync(kind, ns, name, depth, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) => real.SendAsync(write, cancellation);

    private async Task<T> AskAsync<T>(Func<int, Task<T>> read, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        for (var times = 1; ; times++)
        {
            try
            {
                return await read(times);
            }
            catch (ClusterException e) when (Attempts.MaySucceedSoon(e.Failure) && times < Attempts.Reads && time.GetElapsedTime(began) < Attempts.MaxTime)
            {
                await Attempts.PauseAsync(e.Failure, times, time, cancellation);
            }
        }
    }
}
