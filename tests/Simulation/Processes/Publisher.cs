using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// Sends what is in the exporter's outbox until it is acknowledged, in a few requests at a time, either to the functions themselves, which answer when they are
/// done, or to a bus, which answers at once. It dies with its exporter.
/// </summary>
internal sealed class Publisher(
    Exporter exporter, Functions functions, Bus bus, TimeProvider time, Conditions conditions, Mutation mutation, Dice dice, History history)
{
    private const int Lanes = 4;

    private DateTimeOffset notBefore;
    private int underWay;
    private int failures;
    private bool isDead;

    public bool CanSend(DateTimeOffset now) =>
        exporter.MayHaveMail(now) && notBefore <= now && underWay < (failures > 0 ? 1 : Lanes) && (!conditions.IsDirect || functions.HasRoom);

    /// <summary>Takes what is next and sends it.</summary>
    public void Send(bool isFaulty)
    {
        var parcels = exporter.Take(conditions.Batch);
        if (parcels.IsEmpty)
            return;
        ImmutableArray<Message> messages = [.. parcels.SelectMany(parcel => Message.Of(parcel, conditions.References))];
        var isLost = isFaulty && dice.Happens(conditions.Rate(Faults.LostAnswers));
        var arrives = !isLost || dice.Below(2) == 0;
        history.Tell("publisher", $"sends {string.Join(", ", messages.Select(message => message.Id))}{(arrives ? "" : ", which does not arrive")}");
        underWay++;
        if (arrives && conditions.IsDirect)
        {
            // Who waits no longer for an answer sends again while the first is still being worked on.
            functions.Begin(messages, isLost ? _ => { } : answer => Settle(parcels, answer));
            if (!isLost)
                return;
        }
        else if (arrives)
            bus.Put(messages, isFaulty);
        Settle(parcels, new Settlement(arrives && !isLost));
    }

    /// <summary>The exporter was killed: what it had sent may still arrive, but nobody listens to answers.</summary>
    public void Die() => isDead = true;

    private void Settle(ImmutableArray<Parcel> parcels, Settlement answer)
    {
        if (isDead)
            return;
        underWay--;
        if (answer is { Done: false, Undone: not null } && !mutation.PublishesOnce)
        {
            failures = 0;
            history.Tell("publisher", $"must look again at {answer.Undone.Write()}");
            exporter.Leave(parcels, mutation.ForgetsUndone ? new Undone() : answer.Undone);
            return;
        }
        var arrived = answer.Done || mutation.PublishesOnce;
        failures = arrived ? 0 : failures + 1;
        if (!arrived)
        {
            notBefore = time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(30, 0.1 * Math.Pow(2, failures - 1)));
            history.Tell("publisher", $"must send again: {string.Join(", ", parcels.Select(parcel => parcel.Notice.Hint.Subject))}");
        }
        exporter.Settle(parcels, arrived);
    }
}
