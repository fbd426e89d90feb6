using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>Makes an anchor tell what became of it, and keeps it until its subnamespace is gone.</summary>
internal static class AnchorWriter
{
    public static HierarchyChange? Change(Anchor anchor, AnchorState state)
    {
        var isHeld = anchor.Object.Finalizers.Contains(Vocabulary.Hnc.AnchorFinalizer);
        if (isHeld && anchor.Status == state.ToString())
            return null;
        return new(
            ObjectPatch.Patch(
                anchor.Object,
                json =>
                {
                    if (!isHeld)
                        json.WriteTexts("finalizers", anchor.Object.Finalizers.Append(Vocabulary.Hnc.AnchorFinalizer));
                },
                json =>
                {
                    json.WriteStartObject("status");
                    json.WriteString("status", state.ToString());
                    json.WriteEndObject();
                }),
            $"is {state}");
    }

    public static Write WithoutFinalizer(Anchor anchor) => ObjectPatch.Patch(
        anchor.Object, json => json.WriteTexts("finalizers", anchor.Object.Finalizers.Where(finalizer => finalizer != Vocabulary.Hnc.AnchorFinalizer)));
}
