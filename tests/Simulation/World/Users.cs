using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.World;

/// <summary>People and other controllers: each action is one request, chosen by its own dice from what there is at that moment.</summary>
internal sealed partial class Users(FakeApiServer server, Plan plan, Conditions conditions, History history)
{
    /// <summary>A label and an annotation that users put on what stands somewhere. Nobody but a user may take them away.</summary>
    public const string Handmade = "handmade";

    private static readonly ImmutableArray<string> Tiers = ["web", "db"];

    private readonly FakeUser user = new(server, "kubectl-edit");

    /// <summary>The namespaces and a source or two, before anything begins.</summary>
    public void Settle()
    {
        var dice = Dice.Of(plan.Seed, "world");
        foreach (var ns in conditions.Namespaces)
            CreateNamespace(ns, dice);
        for (var count = 1 + dice.Below(3); count > 0; count--)
            CreateSource(dice, isGood: true);
        if (conditions.Trees is not null)
            Plant();
    }

    /// <summary>Does the action of a number.</summary>
    public void Act(int number)
    {
        var dice = Dice.Of(plan.Seed, "user", number);
        if (conditions.Trees is { } trees && dice.Below(10) < trees.Share)
        {
            ActInTree(dice);
            return;
        }
        var all = conditions.Kinds.SelectMany(kind => server.ReadAll(kind)).ToList();
        if (conditions.IsFickle && dice.Below(2) == 0)
        {
            ComeOrGo(dice);
            return;
        }
        if (all.Count == 0 || dice.Below(conditions.IsPlain ? 4 : 6) == 0)
        {
            Create(dice);
            return;
        }
        // Sources are what most is done to.
        var sources = all.Where(IsSource).ToList();
        var one = dice.Pick(sources.Count > 0 && dice.Below(2) == 0 ? sources : all);
        switch (dice.Below(conditions.IsPlain ? 10 : 20))
        {
            case < 5 when conditions.IsPlain:
                EditPayload(one, dice);
                break;
            case 5 when conditions.IsPlain:
                Delete(one);
                break;
            case 6 when conditions.IsPlain:
                Annotate(one, dice.Pick(dice.Pick(Words.OfGoodSources[dice.Pick(conditions.Tongues)])), dice);
                break;
            case < 10 when conditions.IsPlain:
                Namespace(dice);
                break;
            case < 3:
                EditPayload(one, dice);
                break;
            case < 7:
                Annotate(one, dice.Pick(Words.OfSources[dice.Pick(conditions.Tongues)]), dice);
                break;
            case < 9:
                Annotate(one, dice.Pick(Words.OfMirrors), dice);
                break;
            case 9:
                Annotate(one, (Words.RequestKey(dice.Pick(conditions.Tongues)), [Reference(dice), Reference(dice), "garbage", null]), dice);
                break;
            case 10:
                PutMark(one, dice);
                break;
            case 11:
                ForgetManagers(one);
                break;
            case < 14:
                Delete(one);
                break;
            default:
                Namespace(dice);
                break;
        }
    }

    /// <summary>A source that is there goes, one that is not comes.</summary>
    private void ComeOrGo(Dice dice)
    {
        var (kind, ns, name) = (conditions.Kinds[0], conditions.Namespaces[0], conditions.Names[0]);
        if (server.Read(kind, ns, name) is { } there)
            Delete(there);
        else
            CreateSource(dice, isGood: true);
    }

    private static bool IsSource(Snapshot read) => read.SpeaksToUs && read.Annotation(Ours.Source) is null && read.Annotation(Reflector.AutoReflects) is null;

    private void Create(Dice dice)
    {
        switch (dice.Below(6))
        {
            case < 3:
                CreateSource(dice, isGood: conditions.IsPlain || dice.Below(3) > 0);
                break;
            case 3:
                Create(dice, (Words.RequestKey(dice.Pick(conditions.Tongues)), Reference(dice)));
                break;
            case 4:
                CreateLeftBehind(dice);
                break;
            default:
                Create(dice);
                break;
        }
    }

    private void CreateSource(Dice dice, bool isGood)
    {
        var tongue = dice.Pick(conditions.Tongues);
        var words = Words.OfSources[tongue];
        var said = (isGood ? dice.Pick(Words.OfGoodSources[tongue]) : [])
            .Concat(Enumerable.Range(0, conditions.IsPlain ? 0 : dice.Below(3)).Select(_ => dice.Pick(words)).Select(word => (word.Key, Value: dice.Pick(word.Values)!)).Where(word => word.Value is not null));
        Create(dice, [.. said.Reverse().DistinctBy(word => word.Item1)]);
    }

    /// <summary>A mirror that another controller made.</summary>
    private void CreateLeftBehind(Dice dice)
    {
        if (dice.Below(2) == 0)
            Create(dice, (Reflector.AutoReflects, "True"), (Reflector.Reflects, Reference(dice)), (Reflector.ReflectedVersion, "1"));
        else
            Create(dice, (Replicator.ReplicatedFromVersion, "1"), (Replicator.ReplicatedKeys, "k1"));
    }

    private void Create(Dice dice, params (string Key, string Value)[] annotations)
    {
        var kind = dice.Pick(conditions.Kinds);
        var ns = dice.Below(2) == 0 ? conditions.Namespaces[0] : dice.Pick(conditions.Namespaces);
        var name = dice.Pick(conditions.Names);
        var fields = Things.Fields(kind, dice);
        if (server.Read(kind, ns, name) is not null || server.Read(Kinds.Namespace, "", ns) is not { Deleting: false })
            return;
        Tell($"creates {kind} {ns}/{name} {{ {string.Join("; ", annotations.Select(annotation => $"{annotation.Key}: {annotation.Value}"))} }}");
        user.Create(kind, ns, name, fields, annotations.Select(annotation => KeyValuePair.Create(annotation.Key, annotation.Value)), [KeyValuePair.Create("app", $"v{dice.Below(2)}")]);
    }

    private void EditPayload(Snapshot one, Dice dice)
    {
        var (patch, what) = Things.Edit(one.Kind, dice);
        Try($"{what} in {one.Ref}", () => user.Patch(one.Kind, one.Namespace, one.Name, Versioned(patch, one)));
    }

    private void Annotate(Snapshot one, (string Key, string Value) word, Dice dice) => Annotate(one, (word.Key, [word.Value, null]), dice);

    private void Annotate(Snapshot one, (string Key, ImmutableArray<string?> Values) word, Dice dice)
    {
        var value = dice.Pick(word.Values);
        if (value is null && one.Annotation(word.Key) is null)
            value = word.Values.FirstOrDefault(other => other is not null);
        if (value == one.Annotation(word.Key))
            return;
        Try(
            value is null ? $"takes {word.Key} off {one.Ref}" : $"annotates {one.Ref} {word.Key}: {value}",
            () => user.Patch(one.Kind, one.Namespace, one.Name, Versioned(Metadata("annotations", word.Key, value), one)));
    }

    private void PutMark(Snapshot one, Dice dice)
    {
        var where = dice.Pick(["labels", "annotations"]);
        Try($"puts a mark of its own into the {where} of {one.Ref}", () => user.Patch(one.Kind, one.Namespace, one.Name, Versioned(Metadata(where, Handmade, $"v{dice.Below(2)}"), one)));
    }

    /// <summary>Some tools write objects back without their managed fields.</summary>
    private void ForgetManagers(Snapshot one) => Try($"clears the managed fields of {one.Ref}", () => user.Replace(
        one.Kind, one.Namespace, one.Name, body => body.With("metadata", body.MapOf("metadata").With("managedFields", new Json.List([Json.Empty])))));

    private void Delete(Snapshot one) => Try($"deletes {one.Ref}", () => user.Delete(one.Kind, one.Namespace, one.Name));

    private void Namespace(Dice dice)
    {
        var ns = dice.Pick(conditions.Namespaces);
        if (server.Read(Kinds.Namespace, "", ns) is not { } there)
        {
            CreateNamespace(ns, dice);
            return;
        }
        switch (dice.Below(12))
        {
            case 0 when !there.Deleting:
                Tell($"deletes namespace {ns}");
                user.BeginDeleteNamespace(ns);
                break;
            case 1 when !conditions.IsPlain:
                var accepted = dice.Pick(["a", "b", "*", "[", null]);
                Tell(accepted is null ? $"lets namespace {ns} accept every source" : $"lets namespace {ns} accept sources of {accepted}");
                user.Annotate(Kinds.Namespace, "", ns, Ours.AcceptFrom, accepted);
                break;
            default:
                var tier = dice.Pick(Tiers.Append(null).Where(other => other != there.Labels.GetValueOrDefault("tier")).ToList());
                Tell($"labels namespace {ns} tier={tier}");
                user.Label(Kinds.Namespace, "", ns, "tier", tier);
                break;
        }
    }

    private void CreateNamespace(string ns, Dice dice)
    {
        var tier = dice.Pick(Tiers);
        Tell($"creates namespace {ns} tier={tier}");
        user.CreateNamespace(ns, KeyValuePair.Create("tier", tier));
    }

    private string Reference(Dice dice) => $"{dice.Pick(conditions.Namespaces)}/{dice.Pick(conditions.Names)}";

    /// <summary>What the API server does not accept of a user is no concern of anybody's.</summary>
    private void Try(string what, Action action)
    {
        try
        {
            action();
            Tell(what);
        }
        catch (InvalidOperationException)
        {
            Tell($"{what}, which is refused");
        }
    }

    private void Tell(string what) => history.Tell("user", string.Create(CultureInfo.InvariantCulture, $"{what} @{server.ResourceVersion}"));

    private static Json.Map Metadata(string where, string key, string? value) =>
        Json.Of(("metadata", Json.Of((where, Json.Of((key, value is null ? Json.Null : Json.Of(value)))))));

    private static Json.Map Versioned(Json.Map patch, Snapshot one) =>
        patch.With("metadata", patch.MapOf("metadata").With("resourceVersion", one.ResourceVersion));
}
