using FsCheck;
using FsCheck.Fluent;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>
/// A small world in which anything happens, shown to the catalogue line by line and now and then by a list. The catalogue is held against a
/// plain look at the whole world.
/// </summary>
public sealed class CatalogueProperties
{
    private static readonly string[] namespaces = ["a", "b", "c"];
    private static readonly string[] names = ["x", "y"];

    /// <summary>What a change does to the object of a place; null: it is deleted.</summary>
    private static readonly (string Name, Action<ClusterObject>? Act)[] acts =
    [
        ("delete", null),
        ("label", o => o.Set(ClusterObject.Somebody, "labels/l", Guid.NewGuid().ToString())),
        ("push", o => o.Annotate(Vocabulary.Replicator.ReplicateTo, ".*")),
        ("allow pull", o => o.Annotate(Vocabulary.Reflector.Allowed, "true")),
        ("rename", o => o.Annotate(Vocabulary.Heliograph.Name, "y")),
        ("pull a/x", o => o.Annotate(Vocabulary.Reflector.Reflects, "a/x")),
        ("pull b/y", o => o.Annotate(Vocabulary.Heliograph.PullFrom, "b/y")),
        ("made from a/x", o => o.Copy(new ResourceRef("Secret", "a", "x"), "v1")),
        ("silence", o =>
        {
            foreach (var path in o.Fields.Keys.Where(path => path.StartsWith("annotations/", StringComparison.Ordinal)).ToList())
                o.Set(ClusterObject.Somebody, path, null);
        }),
    ];

    private sealed record Happening(string Namespace, string Name, int Act, bool IsSeenInAList)
    {
        public ResourceRef Ref => new("Secret", Namespace, Name);

        public override string ToString() => $"{Namespace}/{Name} {acts[Act].Name}{(IsSeenInAList ? " (list)" : "")}";
    }

    private static readonly Gen<Happening[]> anyHistory =
        (from ns in Gen.Elements(namespaces)
         from name in Gen.Elements(names)
         from act in Gen.Choose(0, acts.Length - 1)
         from list in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
         select new Happening(ns, name, act, list)).ArrayOf();

    private static void Check(Func<Happening[], bool> holds) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60), Prop.ForAll(anyHistory.ToArbitrary(), holds));

    [Fact]
    public void A_source_hears_of_every_change_and_knows_its_mirrors_elsewhere() => Check(history => Play(history, (world, at, before, verdict) =>
    {
        var isSource = IsSource(before) || IsSource(world.GetValueOrDefault(at)) || world.Values.Any(o => Claims(o).Contains(at));
        if (!isSource)
            return verdict.Told() is not { IsSource: true };
        var elsewhere = world.Values.Where(o => o.Ref.Name != at.Name && Claims(o).Contains(at)).Select(o => o.Ref);
        return verdict.Told() is { IsSource: true } told && told.Mirrors.ToHashSet().SetEquals(elsewhere);
    }));

    [Fact]
    public void Whoever_wants_a_place_hears_of_it_unless_it_is_an_echo() => Check(history => Play(history, (world, at, before, verdict) =>
    {
        var now = world.GetValueOrDefault(at);
        var wanting = world.Values.Where(o => PushedName(o) == at.Name && o.Ref != at).Select(o => o.Ref);
        var concerned = Claims(before).Union(Claims(now)).Union(wanting).ToHashSet();
        if (verdict == Verdict.Echo)
            return now is not null && Fields(now).ContainsKey(Vocabulary.Heliograph.SourceVersion);
        if (verdict.Told() is { } told)
            return told.MirrorOf.ToHashSet().SetEquals(concerned) || (told.IsSource && told.MirrorOf.IsEmpty);
        return now is null ? !concerned.Any(c => world.TryGetValue(c, out var source) && Fields(source).Keys.Any(Vocabulary.Contains)) : concerned.Count == 0;
    }));

    [Fact]
    public void A_new_namespace_hears_of_every_source_that_pushes() => Check(history =>
    {
        var catalogue = new Catalogue();
        var world = new Dictionary<ResourceRef, ClusterObject>();
        Play(catalogue, world, history, (_, _, _, _) => true);
        var pushing = world.Values.Where(o => PushedName(o) is not null).Select(o => o.Ref).ToHashSet();
        var told = catalogue.Changed(Mirrors.Namespace("new").Snapshot()) is Verdict.Tell { Notice.Hint: Hint.NamespaceChanged hint } ? hint.Sources : [];
        return pushing.SetEquals(told);
    });

    [Fact]
    public void When_everything_is_gone_nothing_is_kept() => Check(history =>
    {
        var catalogue = new Catalogue();
        var world = new Dictionary<ResourceRef, ClusterObject>();
        Play(catalogue, world, history, (_, _, _, _) => true);
        catalogue.ShowList(Kinds.Secret);
        return (catalogue.Objects, catalogue.NamedSources, catalogue.Names) == (0, 0, 0);
    });

    private static bool Play(Happening[] history, Func<Dictionary<ResourceRef, ClusterObject>, ResourceRef, ClusterObject?, Verdict, bool> holds) =>
        Play(new Catalogue(), [], history, holds);

    private static bool Play(
        Catalogue catalogue, Dictionary<ResourceRef, ClusterObject> world, Happening[] history,
        Func<Dictionary<ResourceRef, ClusterObject>, ResourceRef, ClusterObject?, Verdict, bool> holds)
    {
        foreach (var happening in history)
        {
            var at = happening.Ref;
            var before = world.TryGetValue(at, out var o) ? Clone(o) : null;
            var act = acts[happening.Act].Act;
            if (act is null && before is null)
                continue;
            if (act is null)
                world.Remove(at);
            else
                act(world.TryGetValue(at, out var existing) ? existing : world[at] = new ClusterObject(at.Namespace, at.Name));
            if (happening.IsSeenInAList)
                catalogue.ShowList(Kinds.Secret, world.Values);
            else if (!holds(world, at, before, act is null ? catalogue.Deleted(before!.Snapshot()) : catalogue.Changed(world[at].Snapshot())))
                return false;
        }
        return true;
    }

    private static ClusterObject Clone(ClusterObject o) => new ClusterObject(o.Ref.Namespace, o.Ref.Name) { Uid = o.Uid }.Put("clone", o.Fields);

    private static Dictionary<string, string> Fields(ClusterObject o) => o.Fields
        .Where(field => field.Key.StartsWith("annotations/", StringComparison.Ordinal)).ToDictionary(f => f.Key["annotations/".Length..], f => f.Value);

    private static bool IsSource(ClusterObject? o) => o is not null && Fields(o).Keys
        .Any(key => key is Vocabulary.Replicator.ReplicateTo or Vocabulary.Reflector.Allowed or Vocabulary.Heliograph.Name || (IsRequest(key) && Claims(o).Count == 0));

    private static bool IsRequest(string key) => key is Vocabulary.Reflector.Reflects or Vocabulary.Heliograph.PullFrom or Vocabulary.Heliograph.Adopt;

    private static string? PushedName(ClusterObject o) => Fields(o) is var fields && fields.ContainsKey(Vocabulary.Replicator.ReplicateTo)
        ? fields.GetValueOrDefault(Vocabulary.Heliograph.Name, o.Ref.Name)
        : null;

    private static HashSet<ResourceRef> Claims(ClusterObject? o)
    {
        if (o is null)
            return [];
        var fields = Fields(o);
        var claims = new HashSet<ResourceRef>();
        if (fields.TryGetValue(Vocabulary.Reflector.Reflects, out var reflects))
            claims.Add(new("Secret", reflects.Split('/')[0], reflects.Split('/')[1]));
        if (fields.TryGetValue(Vocabulary.Heliograph.PullFrom, out var pull))
            claims.Add(new("Secret", pull.Split('/')[0], pull.Split('/')[1]));
        if (fields.ContainsKey(Vocabulary.Heliograph.Source))
            claims.Add(new("Secret", "a", "x"));
        claims.Remove(o.Ref);
        return claims;
    }
}
