using System.Collections.Immutable;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// A bus that keeps what it was given until somebody says that it is done with it: in any order, late, and more than once.
/// </summary>
internal sealed class Bus(TimeProvider time, Conditions conditions, Dice dice, History history)
{
    private readonly List<Queued> queued = [];

    /// <summary>Whether nothing waits and nothing is being worked on.</summary>
    public bool IsEmpty => queued.Count == 0;

    public void Put(ImmutableArray<Message> messages, bool isFaulty)
    {
        foreach (var message in messages)
        {
            queued.Add(new Queued(message) { VisibleAt = time.GetUtcNow() + Delay(isFaulty) });
            if (isFaulty && dice.Happens(conditions.Rate(Faults.Duplicates)))
                queued.Add(new Queued(message) { VisibleAt = time.GetUtcNow() + Delay(isFaulty) });
        }
    }

    public bool CanDeliver(DateTimeOffset now) => queued.Exists(one => one.IsVisible(now));

    /// <summary>Takes a few messages in any order.</summary>
    /// <returns>The messages, and what is to be told when they are settled.</returns>
    public (ImmutableArray<Message> Messages, Action<Settlement> Settle) Take(bool isFaulty)
    {
        var now = time.GetUtcNow();
        var visible = queued.Where(one => one.IsVisible(now)).ToList();
        var taken = new List<Queued>();
        for (var count = Math.Min(visible.Count, 1 + dice.Below(conditions.Batch)); count > 0; count--)
        {
            var one = dice.Pick(visible);
            visible.Remove(one);
            one.IsTaken = true;
            taken.Add(one);
        }
        return ([.. taken.Select(one => one.Message)], answer => Settle(taken, answer.Done, isFaulty));
    }

    private void Settle(List<Queued> taken, bool done, bool isFaulty)
    {
        foreach (var one in taken)
        {
            one.IsTaken = false;
            if (done && !(isFaulty && dice.Happens(conditions.Rate(Faults.Duplicates))))
            {
                queued.Remove(one);
                continue;
            }
            one.VisibleAt = time.GetUtcNow() + TimeSpan.FromSeconds(1 + dice.Below(30));
            if (done)
                history.Tell("bus", $"will deliver {one.Message.Id} again although it is done");
        }
    }

    private TimeSpan Delay(bool isFaulty) => TimeSpan.FromMilliseconds(isFaulty && dice.Below(4) == 0 ? dice.Below(60_000) : dice.Below(50));

    private sealed class Queued(Message message)
    {
        public Message Message { get; } = message;

        public DateTimeOffset VisibleAt { get; set; }

        public bool IsTaken { get; set; }

        public bool IsVisible(DateTimeOffset now) => !IsTaken && VisibleAt <= now;
    }
}
