using System.Collections.Immutable;
using Heliograph.Fakes;
using Heliograph.Model;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.World;

/// <content>What people do where namespaces inherit: parents, anchors, modes, exceptions, and what HNC left behind.</content>
internal sealed partial class Users
{
    private static readonly ImmutableArray<string> Subnamespaces = ["x", "y"];

    /// <summary>A tree, before anything begins.</summary>
    private void Plant()
    {
        var dice = Dice.Of(plan.Seed, "forest");
        SetModes(dice, isGood: true);
        for (var at = 1; at < conditions.Namespaces.Length; at++)
        {
            if (!conditions.Trees!.TrustsChildren && dice.Below(4) > 0)
                Accept(conditions.Namespaces[at - 1], "*");
            if (dice.Below(4) > 0)
                SetParent(conditions.Namespaces[at], conditions.Namespaces[dice.Below(at)]);
        }
        Create(dice);
        Create(dice);
    }

    private void ActInTree(Dice dice)
    {
        switch (dice.Below(20))
        {
            case < 4:
                SetParent(AnyNamespace(dice), dice.Below(8) switch { 0 => "", 1 => "nowhere", _ => AnyNamespace(dice) });
                break;
            case < 6:
                Create(dice);
                break;
            case < 8:
                Anchor(dice);
                break;
            case 8:
                SubnamespaceOrHierarchy(dice);
                break;
            case < 11:
                SetModes(dice, isGood: false);
                break;
            case < 14:
                MakeException(dice);
                break;
            case 14:
                Accept(AnyNamespace(dice), dice.Pick(["*", "*", "b,c", "x,y", "[", null]));
                break;
            case 15:
                TamperWithLabels(dice);
                break;
            case 16:
                LeaveBehind(dice);
                break;
            default:
                TouchCopy(dice);
                break;
        }
    }

    private string AnyNamespace(Dice dice) => dice.Pick(conditions.Namespaces.AddRange(Subnamespaces));

    private void SetParent(string ns, string parent) => Configure(ns, ("parent", Json.Of(parent)), $"sets the parent of {ns} to \"{parent}\"");

    private void Configure(string ns, (string Name, Json Value) word, string what)
    {
        var spec = Json.Of(("spec", Json.Of(word)));
        Try(what, () =>
        {
            if (server.Read(Kinds.HierarchyConfiguration, ns, Hnc.Hierarchy) is null)
                user.Create(Kinds.HierarchyConfiguration, ns, Hnc.Hierarchy, spec);
            else
                user.Patch(Kinds.HierarchyConfiguration, ns, Hnc.Hierarchy, spec);
        });
    }

    /// <summary>Makes an anchor, or deletes one.</summary>
    private void Anchor(Dice dice)
    {
        var (parent, child) = (AnyNamespace(dice), dice.Below(4) == 0 ? AnyNamespace(dice) : dice.Pick(Subnamespaces));
        var anchors = server.ReadAll(Kinds.SubnamespaceAnchor).ToList();
        if (anchors.Count > 0 && dice.Below(2) == 0)
            Delete(dice.Pick(anchors));
        else
            Try($"makes an anchor of {child} in {parent}", () => user.Create(Kinds.SubnamespaceAnchor, parent, child, Json.Empty));
    }

    /// <summary>What is rarer: a configuration deleted, cascades allowed, a subnamespace deleted, or made a namespace in its own right and back.</summary>
    private void SubnamespaceOrHierarchy(Dice dice)
    {
        var ns = AnyNamespace(dice);
        switch (dice.Below(5))
        {
            case 0 when server.Read(Kinds.HierarchyConfiguration, ns, Hnc.Hierarchy) is { } hierarchy:
                Delete(hierarchy);
                break;
            case 1:
                var owner = server.Read(Kinds.Namespace, "", ns)?.Annotation(Hnc.SubnamespaceOf) is null ? AnyNamespace(dice) : null;
                Try($"says that {ns} is a subnamespace of {owner ?? "nobody"}", () => user.Annotate(Kinds.Namespace, "", ns, Hnc.SubnamespaceOf, owner));
                break;
            case 2:
                Try($"deletes namespace {ns}", () => user.BeginDeleteNamespace(ns));
                break;
            default:
                var isAllowed = dice.Below(3) > 0;
                Configure(ns, ("allowCascadingDeletion", Json.Of(isAllowed)), $"{(isAllowed ? "allows" : "forbids")} cascading deletion in {ns}");
                break;
        }
    }

    private void SetModes(Dice dice, bool isGood)
    {
        if (!isGood && dice.Below(8) == 0)
        {
            Try("deletes the HNCConfiguration", () => user.Delete(Kinds.HncConfiguration, "", Hnc.Configuration));
            return;
        }
        var modes = conditions.Kinds.Select(kind => (Kind: kind, Mode: isGood || dice.Below(2) == 0 ? "Propagate" : dice.Pick(["Propagate", "Remove", "Ignore", "AllowPropagate", ""]))).ToList();
        var resources = modes.Select(one => Json.Of(
            ("group", one.Kind.Group.Length == 0 ? null : Json.Of(one.Kind.Group)), ("resource", Json.Of(one.Kind.Plural)), ("mode", one.Mode.Length == 0 ? null : Json.Of(one.Mode))));
        var spec = Json.Of(("spec", Json.Of(("resources", new Json.List([.. resources])))));
        Try($"sets the modes {string.Join(", ", modes.Select(one => $"{one.Kind}: {one.Mode}"))}", () =>
        {
            if (server.Read(Kinds.HncConfiguration, "", Hnc.Configuration) is null)
                user.Create(Kinds.HncConfiguration, "", Hnc.Configuration, spec);
            else
                user.Patch(Kinds.HncConfiguration, "", Hnc.Configuration, spec);
        });
    }

    private void MakeException(Dice dice)
    {
        var own = conditions.Kinds.SelectMany(kind => server.ReadAll(kind)).Where(read => !read.Labels.ContainsKey(Hnc.InheritedFrom)).ToList();
        if (own.Count > 0)
            Annotate(dice.Pick(own), dice.Pick(Words.OfHeirs), dice);
    }

    private void Accept(string ns, string? children) =>
        Try($"lets {ns} accept {children ?? "nobody"} as children", () => user.Annotate(Kinds.Namespace, "", ns, Ours.AcceptChildren, children));

    private void TamperWithLabels(Dice dice)
    {
        var (ns, label) = (AnyNamespace(dice), dice.Below(5) == 0 ? Hnc.IncludedNamespace : Hnc.DepthLabel(AnyNamespace(dice)));
        var value = dice.Pick(["0", "1", "2", null]);
        Try($"labels namespace {ns} {label}={value}", () => user.Label(Kinds.Namespace, "", ns, label, value));
    }

    /// <summary>A copy that HNC made.</summary>
    private void LeaveBehind(Dice dice)
    {
        var (kind, ns, ancestor) = (dice.Pick(conditions.Kinds), AnyNamespace(dice), AnyNamespace(dice));
        var name = dice.Pick(conditions.Names);
        var fields = Things.Fields(kind, dice);
        Try($"leaves {kind} {ns}/{name} behind as HNC's copy from {ancestor}", () => user.Create(
            kind, ns, name, fields, labels: [KeyValuePair.Create(Hnc.InheritedFrom, ancestor), KeyValuePair.Create(Hnc.ManagedByLabel, Hnc.Group)]));
    }

    /// <summary>A hand laid on what was inherited.</summary>
    private void TouchCopy(Dice dice)
    {
        var copies = conditions.Kinds.SelectMany(kind => server.ReadAll(kind)).Where(read => read.Labels.ContainsKey(Hnc.InheritedFrom)).ToList();
        if (copies.Count == 0)
        {
            Create(dice);
            return;
        }
        var copy = dice.Pick(copies);
        switch (dice.Below(6))
        {
            case < 3:
                EditPayload(copy, dice);
                break;
            case 3 when !conditions.IsPlain:
                var ancestor = dice.Pick([AnyNamespace(dice), null]);
                Try(
                    $"labels {copy.Ref} as inherited from {ancestor ?? "nobody"}",
                    () => user.Patch(copy.Kind, copy.Namespace, copy.Name, Versioned(Metadata("labels", Hnc.InheritedFrom, ancestor), copy)));
                break;
            default:
                Delete(copy);
                break;
        }
    }
}
