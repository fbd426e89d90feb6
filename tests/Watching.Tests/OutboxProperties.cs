using FsCheck;
using FsCheck.Fluent;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>Anything is put in, taken, acknowledged and returned in any order, and in the end all that is left arrives.</summary>
public sealed class OutboxProperties
{
    private const int Capacity = 5;
    private static readonly string[] names = ["a", "b", "c", "d", "e", "f", "g"];

    private abstract record Act
    {
        public sealed record Change(string Name, bool IsSource) : Act;

        public sealed record Sync : Act;

        public sealed record Take(int Max) : Act;

        public sealed record Acknowledge(int Which) : Act;

        public sealed record Return(int Which) : Act;

        public sealed record Postpone(int Which, int Seconds) : Act;

        public sealed record Pass(int Seconds) : Act;
    }

    private static readonly Gen<Act[]> anyHistory = Gen.Frequency(
        (6, from name in Gen.Elements(names) from source in Gen.Elements(true, false) select (Act)new Act.Change(name, source)),
        (1, Gen.Constant<Act>(new Act.Sync())),
        (3, Gen.Choose(1, 4).Select(Act (max) => new Act.Take(max))),
        (3, Gen.Choose(0, 9).Select(Act (which) => new Act.Acknowledge(which))),
        (2, Gen.Choose(0, 9).Select(Act (which) => new Act.Return(which))),
        (2, from which in Gen.Choose(0, 9) from seconds in Gen.Choose(1, 9) select (Act)new Act.Postpone(which, seconds)),
        (1, Gen.Choose(1, 9).Select(Act (seconds) => new Act.Pass(seconds)))).ArrayOf();

    private static void Check(Func<Run, bool> holds) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60), Prop.ForAll(anyHistory.ToArbitrary(), history => holds(new Run().Play(history))));

    [Fact]
    public void The_newest_of_every_object_arrives_last() => Check(run =>
        run.Newest.All(newest => run.LastArrived.GetValueOrDefault(newest.Key) == newest.Value));

    [Fact]
    public void Nothing_that_was_said_is_forgotten() => Check(run => run.Said.IsSubsetOf(run.Heard));

    [Fact]
    public void It_never_holds_more_than_it_may() => Check(run => run.Most <= Capacity);

    [Fact]
    public void It_refuses_only_when_it_is_full() => Check(run => !run.RefusedWithRoom);

    [Fact]
    public void No_object_is_on_its_way_twice() => Check(run => !run.SentTwice);

    [Fact]
    public void A_sync_arrives_after_everything_that_was_said_before_it() => Check(run => !run.SyncOvertook);

    [Fact]
    public void What_rests_is_left_alone_until_it_has_or_something_new_is_said_of_it() => Check(run => !run.Disturbed);

    [Fact]
    public void What_is_taken_together_is_in_the_order_of_waiting() => Check(run => !run.Disorder);

    private sealed class Run
    {
        private readonly Outbox outbox = new(Capacity);
        private readonly List<Parcel> sent = [];
        private readonly List<(string Key, string Fact)> unheardBeforeSync = [];
        private readonly Dictionary<string, int> waitingSince = [];
        private readonly Dictionary<string, DateTimeOffset> resting = [];
        private readonly HashSet<(string Key, string Fact)> tried = [];
        private DateTimeOffset now = DateTimeOffset.UnixEpoch;
        private int counter;

        public Dictionary<string, string> Newest { get; } = [];

        public Dictionary<string, string> LastArrived { get; } = [];

        public HashSet<(string Key, string Fact)> Said { get; } = [];

        public HashSet<(string Key, string Fact)> Heard { get; } = [];

        public int Most { get; private set; }

        public bool RefusedWithRoom { get; private set; }

        public bool SentTwice { get; private set; }

        public bool SyncOvertook { get; private set; }

        public bool Disorder { get; private set; }

        public bool Disturbed { get; private set; }

        public Run Play(Act[] history)
        {
            foreach (var act in history)
            {
                Do(act);
                Most = Math.Max(Most, outbox.Count);
            }
            for (var i = 0; i < 100 && outbox.Count > 0; i++)
            {
                now = outbox.RestsUntil > now ? outbox.RestsUntil.Value : now;
                Take(3);
                while (sent.Count > 0)
                    Acknowledge(0);
            }
            return this;
        }

        private void Do(Act act)
        {
            switch (act)
            {
                case Act.Change change: Change(change); break;
                case Act.Sync: Sync(); break;
                case Act.Take take: Take(take.Max); break;
                case Act.Acknowledge { Which: var which } when sent.Count > 0: Acknowledge(which % sent.Count); break;
                case Act.Postpone { Which: var which, Seconds: var seconds } when sent.Count > 0: Postpone(which % sent.Count, now.AddSeconds(seconds)); break;
                case Act.Pass { Seconds: var seconds }: now = now.AddSeconds(seconds); break;
                case Act.Return { Which: var which } when sent.Count > 0: Return(which % sent.Count); break;
            }
        }

        private void Change(Act.Change change)
        {
            var version = $"{++counter}";
            var fact = new ResourceRef("Secret", "fact", version);
            var hint = new Hint.ObjectChanged { Object = new("Secret", "a", change.Name), IsSource = change.IsSource, MirrorOf = [fact] };
            if (!Add(new Notice(hint, "uid", version)))
                return;
            resting.Remove(change.Name);
            Newest[change.Name] = version;
            Said.Add((change.Name, version));
            if (change.IsSource)
                Said.Add((change.Name, "source"));
            waitingSince.TryAdd(change.Name, counter);
        }

        private void Sync()
        {
            var version = $"{++counter}";
            if (!Add(new Notice(new Hint.SyncCompleted(), "sync", version)))
                return;
            resting.Remove("sync");
            Newest["sync"] = version;
            unheardBeforeSync.Clear();
            unheardBeforeSync.AddRange(Said.Except(Heard).Where(said => said.Fact != "source"));
        }

        private bool Add(Notice notice)
        {
            var added = outbox.TryAdd(notice, DateTimeOffset.UnixEpoch);
            RefusedWithRoom |= !added && outbox.Count < Capacity;
            return added;
        }

        private void Take(int max)
        {
            var taken = outbox.Take(max, now);
            Disturbed |= taken.Any(p => resting.GetValueOrDefault(Key(p)) > now);
            SentTwice |= sent.Concat(taken).GroupBy(Key).Any(same => same.Count() > 1);
            // A sync with a newer one behind it speaks for itself alone; only the newest must not overtake.
            SyncOvertook |= taken.Any(p => p.Notice.Hint is Hint.SyncCompleted && taken.Length > 1
                || (Key(p) == "sync" && p.Notice.ResourceVersion == Newest["sync"] && !unheardBeforeSync.TrueForAll(fact => Heard.Contains(fact) || tried.Contains(fact))));
            var places = taken.Where(p => Key(p) != "sync").Select(p => waitingSince[Key(p)]).ToList();
            Disorder |= !places.SequenceEqual(places.Order());
            sent.AddRange(taken);
            foreach (var key in taken.Select(Key))
                waitingSince.Remove(key);
            takenAt.AddRange(taken.Select((p, i) => (p, Key(p) == "sync" ? 0 : places[i])));
        }

        private readonly List<(Parcel Parcel, int Place)> takenAt = [];

        private void Acknowledge(int index)
        {
            var parcel = sent[index];
            sent.RemoveAt(index);
            outbox.Acknowledge(parcel);
            LastArrived[Key(parcel)] = parcel.Notice.ResourceVersion;
            if (parcel.Notice.Hint is not Hint.ObjectChanged changed)
                return;
            Heard.UnionWith(changed.MirrorOf.Select(fact => (Key(parcel), fact.Name)));
            if (changed.IsSource)
                Heard.Add((Key(parcel), "source"));
        }

        private void Return(int index)
        {
            var parcel = sent[index];
            sent.RemoveAt(index);
            outbox.Return(parcel, isSuspect: sent.Count % 2 == 0);
            if (Key(parcel) != "sync")
                waitingSince[Key(parcel)] = takenAt.Last(taken => taken.Parcel == parcel).Place;
        }

        private void Postpone(int index, DateTimeOffset until)
        {
            var parcel = sent[index];
            sent.RemoveAt(index);
            var isNew = waitingSince.ContainsKey(Key(parcel));
            outbox.Leave([parcel], Undone.All, now, (_, _) => until - now);
            if (!isNew && !(Key(parcel) == "sync" && Newest["sync"] != parcel.Notice.ResourceVersion))
                resting[Key(parcel)] = until;
            if (parcel.Notice.Hint is not Hint.ObjectChanged changed)
                return;
            waitingSince[Key(parcel)] = takenAt.Last(taken => taken.Parcel == parcel).Place;
            tried.UnionWith(changed.MirrorOf.Select(fact => (Key(parcel), fact.Name)));
        }

        private static string Key(Parcel parcel) => parcel.Notice.Hint is Hint.ObjectChanged changed ? changed.Object.Name : "sync";
    }
}
