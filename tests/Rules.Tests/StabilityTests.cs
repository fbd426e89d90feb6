using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

/// <summary>
/// Random worlds: sources of every dialect, requests, foreign objects, and users who edit whatever they like. After every few edits all cells are carried
/// out, and then: it is at rest, mirrors are what their source wants, and nobody else's things were touched.
/// </summary>
public sealed class StabilityTests
{
    private static readonly ImmutableArray<string> Namespaces = ["ns-a", "ns-b", "ns-c"];

    private static readonly ImmutableArray<(string Key, ImmutableArray<string?> Values)> SourceWords =
    [
        (Keys.PushTo, ["*", "ns-b", "ns-[bc]", "[", null, null]),
        (Keys.PushToMatching, ["tier=web", null]),
        (Keys.AllowPullFrom, ["*", "ns-c", null]),
        (Keys.NewName, ["{namespace}-{name}", "x", null, null, null]),
        (Keys.OnlyKeys, ["k1", "k.*", null, null]),
        (Keys.RenameKeys, ["k1=z", null, null]),
        (Keys.CopyLabels, ["*", null, null]),
        (Keys.SetLabels, ["set: one", "set: two", null]),
        (Keys.OnRelease, ["keep", "delete", null, null, null]),
        (Keys.Allowed, ["true", "true", "true", "false"]),
        (Keys.Auto, ["true", "true", "true", "maybe"]),
        (Keys.AutoNamespaces, ["ns-b", "ns-c", null]),
        (Keys.ReplicateTo, ["ns-.*", "ns-c", null]),
        (Keys.ReplicateToMatching, ["tier in (web)", null]),
        (Keys.StripLabels, ["true", "false", null]),
        (Keys.ReplicationAllowed, ["true", null]),
        (Keys.ReplicationAllowedNamespaces, ["*", null]),
        (Keys.KeepOwners, ["true", null]),
    ];

    private static readonly ImmutableArray<(string Key, ImmutableArray<string?> Values)> MirrorWords =
    [
        (Keys.PullFrom, ["ns-a/s", "ns-a/t", null, null]),
        (Keys.Reflects, ["ns-a/s", "ns-b/t", "garbage", null]),
        (Keys.ReplicateFrom, ["ns-a/s", "ns-b/s", null]),
        (Keys.AutoReflects, ["True", "False", null]),
        (Keys.ReplicatedFromVersion, ["7", null]),
        (Keys.ReplicatedKeys, ["k1", "k1,k2", null]),
        (Keys.ReflectedVersion, ["", null]),
        (Keys.Adopt, ["true", null]),
        (Keys.Source, [null, "Secret/ns-a/t"]),
        (Keys.SourceUid, [null]),
        (Keys.SourceVersion, ["1", null]),
        (Keys.Mirror, [null]),
    ];

    [Theory]
    [InlineData("Secret")]
    [InlineData("ConfigMap")]
    [InlineData("ServiceAccount")]
    [InlineData("RoleBinding")]
    public void Every_world_comes_to_rest_as_its_sources_want_it(string kind)
    {
        Prop.ForAll(Scripts.Of(60), list =>
        {
            var world = new World();
            foreach (var ns in Namespaces)
                world.User.CreateNamespace(ns, KeyValuePair.Create("tier", ns == "ns-b" ? "web" : "db"));
            var served = Kinds.All.Single(k => k.Name == kind);
            // The list is a script: every number is one edit by somebody, and every third time we have a look.
            foreach (var (seed, at) in list.Select((seed, at) => (seed, at)))
            {
                Edit(world, served, new Random(seed));
                world.Tick();
                if (at % 3 == 2)
                    SettleAndCheck(world, served);
            }
            SettleAndCheck(world, served);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static void SettleAndCheck(World world, Kind kind)
    {
        var before = world.Server.ReadAll(kind, withContent: true).ToDictionary(read => read.Ref);
        var written = world.Writes.Count;
        world.SettleAll();
        var touched = world.Writes.Skip(written).Select(w => w.Write.Target).ToHashSet();

        // At rest, and known to be from metadata alone — but for fields of which others own a part.
        world.Looks.Clear();
        world.SettleAll();
        if (kind.HasKeys)
            Assert.True(world.Looks.Count == 0, string.Join("; ", world.Looks));

        foreach (var read in world.Server.ReadAll(kind, withContent: true))
        {
            // What was not written is as it was.
            if (!touched.Contains(read.Ref))
                Assert.Equal(before[read.Ref].ResourceVersion, read.ResourceVersion);
        }
        foreach (var (intent, write) in world.Writes.Skip(written))
        {
            // What was there before and was changed was ours, asked for it, or consented.
            if (before.TryGetValue(write.Target, out var was) && intent.Act is Act.Write or Act.Replace or Act.Remove or Act.Release)
                Assert.True(MayBeTouched(was, kind), $"{write}: {intent}: {was}");
        }
        foreach (var (_, source, place) in world.Cells().Where(cell => cell.Kind.Name == kind.Name))
            CheckCell(world, world.Cell(kind, source, place, withContent: true));
    }

    private static bool MayBeTouched(Snapshot was, Kind kind) =>
        was.Annotation(Keys.Source) is not null || Dialects.ReadRequest(was) is not null || Dialects.ReadPeerClaim(was) is not null
        || was.Annotation(Keys.ReplicatedFromVersion) is not null || was.Annotation(Keys.Adopt) == "true" || (was.Content!.HoldsNothing(kind) && kind.WrittenWhole);

    /// <summary>What is kept as up to date is what the source wants, by a definition of its own.</summary>
    private static void CheckCell(World world, Cell cell)
    {
        var intent = Decision.Decide(cell);
        Assert.False(intent.Changes, $"{cell.SourceRef} -> {cell.Place}: {intent}");
        if (intent.Reason != Reason.UpToDate)
            return;
        var source = cell.Source!.Object;
        var mirror = cell.Mirror!;
        Assert.NotEqual(source.Ref, mirror.Ref);
        Assert.Equal(source.Ref.ToString(), mirror.Annotation(Keys.Source));
        Assert.Equal((source.Uid, source.ResourceVersion), (mirror.Annotation(Keys.SourceUid), mirror.Annotation(Keys.SourceVersion)));
        Assert.Equal(intent.OnRequest ? "on-request" : null, mirror.Annotation(Keys.Mirror));
        foreach (var field in source.Kind.Copied.Where(field => field.Shape == FieldShape.Whole))
        {
            // Where the user's own object asks for a merge, what it has and its source has not may be its own.
            if (Text(source, field.Name) is not null || !intent.OnRequest || intent.Policy!.Data == DataMode.Whole)
                Assert.Equal(Text(source, field.Name), Text(mirror, field.Name));
        }
        foreach (var field in source.Kind.Copied.Where(field => field.Shape == FieldShape.Map))
        {
            var expected = source.Content!.Entries(field.Name)
                .Where(entry => source.Annotation(Keys.OnlyKeys) switch { null => true, "k1" => entry.Name == "k1", _ => entry.Name[0] == 'k' })
                .ToDictionary(entry => source.Annotation(Keys.RenameKeys) is not null && entry.Name == "k1" ? "z" : entry.Name, entry => entry.Value.GetRawText());
            var actual = mirror.Content!.Entries(field.Name).ToDictionary(entry => entry.Name, entry => entry.Value.GetRawText());
            Assert.Equal(expected, actual.Where(pair => expected.ContainsKey(pair.Key)).ToDictionary());
            if (intent.Policy!.Data == DataMode.Whole)
                Assert.Equal(expected.Count, actual.Count);
        }
        if (source.Kind.Frozen is { } frozen && !intent.OnRequest)
            Assert.Equal(Text(source, frozen), Text(mirror, frozen));
        if (source.Annotation(Keys.SetLabels) is { } set)
            Assert.Equal(set[5..], mirror.Labels["set"]);
        Assert.Equal(intent.Policy!.Dialect == Dialect.Reflector, mirror.Annotation(Keys.AutoReflects) is not null);
        Assert.Equal(intent.Policy!.Dialect == Dialect.Replicator, mirror.Annotation(Keys.ReplicatedFromVersion) is not null);
    }

    private static string? Text(Snapshot read, string field) => read.Content!.Fields.TryGetValue(field, out var value) ? value.GetRawText() : null;

    private static void Edit(World world, Kind kind, Random random)
    {
        var names = new[] { "s", "t" };
        var existing = world.Server.ReadAll(kind, withContent: true).ToList();
        var one = existing.Count == 0 ? null : existing[random.Next(existing.Count)];
        switch (random.Next(12))
        {
            case 0 or 1 when one is not null:
                Word(world, one, SourceWords, random);
                break;
            case 2 when one is not null:
                Word(world, one, MirrorWords, random);
                break;
            case 3 or 4 or 5 when one is not null:
                Content(world, one, random);
                break;
            case 6 when one is not null:
                world.User.Label(kind, one.Namespace, one.Name, random.Next(2) == 0 ? "mine" : "set", random.Next(3) == 0 ? null : $"v{random.Next(3)}");
                break;
            case 7 when one is not null && random.Next(2) == 0:
                world.User.Delete(kind, one.Namespace, one.Name);
                break;
            case 8:
                world.User.Label(Kinds.Namespace, "", Namespaces[random.Next(3)], "tier", random.Next(2) == 0 ? "web" : "db");
                break;
            case 9 when random.Next(2) == 0:
                world.User.Annotate(Kinds.Namespace, "", Namespaces[random.Next(3)], Keys.AcceptFrom, random.Next(2) == 0 ? null : "ns-b");
                break;
            default:
                var ns = Namespaces[random.Next(3)];
                var name = names[random.Next(2)];
                if (world.Server.Read(kind, ns, name) is null)
                    Create(world, kind, ns, name, random);
                break;
        }
    }

    private static void Word(World world, Snapshot one, ImmutableArray<(string Key, ImmutableArray<string?> Values)> words, Random random)
    {
        var (key, values) = words[random.Next(words.Length)];
        if (one.Kind.HasKeys || key is not (Keys.OnlyKeys or Keys.RenameKeys))
            world.User.Annotate(one.Kind, one.Namespace, one.Name, key, values[random.Next(values.Length)]);
    }

    private static void Content(World world, Snapshot one, Random random)
    {
        if (one.Content!.IsLocked(one.Kind))
            return;
        var value = random.Next(3) == 0 ? null : $"v{random.Next(3)}";
        var patch = one.Kind.Name switch
        {
            "Secret" => Json.Of(("data", Json.Of(($"k{random.Next(3)}", value is null ? Json.Null : Json.Of(Convert.ToBase64String([(byte)value[1]])))))),
            "ConfigMap" when random.Next(3) == 0 => Json.Of(("binaryData", Json.Of((random.Next(2) == 0 ? "bin" : "k2b", value is null ? Json.Null : Json.Of("AAEC"))))),
            "ConfigMap" => Json.Of(("data", Json.Of(($"k{random.Next(3)}", value is null ? Json.Null : Json.Of(value))))),
            "ServiceAccount" when random.Next(2) == 0 => Json.Of(("automountServiceAccountToken", value is null ? Json.Null : Json.Of(random.Next(2) == 0))),
            "ServiceAccount" => Json.Of(("imagePullSecrets", value is null ? Json.Null : new Json.List([Json.Of(("name", Json.Of(value)))]))),
            _ => Json.Of(("subjects", value is null ? Json.Null : Subjects(value))),
        };
        if (one.Kind.Lock is not null && random.Next(12) == 0)
            patch = patch.With("immutable", Json.Of(true));
        world.User.Patch(one.Kind, one.Namespace, one.Name, patch.With("metadata", Json.Of(("resourceVersion", Json.Of(one.ResourceVersion)))));
    }

    private static void Create(World world, Kind kind, string ns, string name, Random random)
    {
        var empty = random.Next(4) == 0;
        var fields = kind.Name switch
        {
            "Secret" => Json.Of(("type", Json.Of(random.Next(4) == 0 ? "example.com/own" : "Opaque")), ("data", empty ? null : Json.Of(("k1", Json.Of("MQ==")), ("k2", Json.Of("Mg=="))))),
            "ConfigMap" => Json.Of(("data", empty ? null : Json.Of(("k1", Json.Of("1")))), ("binaryData", random.Next(2) == 0 ? null : Json.Of(("bin", Json.Of("AA=="))))),
            "ServiceAccount" => Json.Of(("imagePullSecrets", empty ? null : new Json.List([Json.Of(("name", Json.Of("pull")))]))),
            _ => Json.Of(
                ("subjects", empty ? null : Subjects("jane")),
                ("roleRef", Json.Of(("apiGroup", Json.Of("rbac.authorization.k8s.io")), ("kind", Json.Of("Role")), ("name", Json.Of(random.Next(3) == 0 ? "writer" : "reader"))))),
        };
        if (random.Next(3) == 0)
        {
            fields = fields.With("metadata", Json.Of(("ownerReferences", new Json.List([Json.Of(
                ("apiVersion", Json.Of("v1")), ("kind", Json.Of("Node")), ("name", Json.Of("n")), ("uid", Json.Of("node-uid")))]))));
        }
        var words = random.Next(3) == 0 ? MirrorWords : SourceWords;
        var annotations = Enumerable.Range(0, random.Next(1, 5)).Select(_ => words[random.Next(words.Length)])
            .Where(word => kind.HasKeys || word.Key is not (Keys.OnlyKeys or Keys.RenameKeys))
            .Select(word => KeyValuePair.Create(word.Key, word.Values[random.Next(word.Values.Length)]))
            .Where(pair => pair.Value is not null).DistinctBy(pair => pair.Key).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));
        world.User.Create(kind, ns, name, fields, annotations, [KeyValuePair.Create("app", "x")]);
    }

    private static Json.List Subjects(string user) => new([Json.Of(
        ("apiGroup", Json.Of("rbac.authorization.k8s.io")), ("kind", Json.Of("User")), ("name", Json.Of(user)))]);
}
