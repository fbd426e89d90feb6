using Heliograph.Engine;
using Heliograph.Rules;

namespace Heliograph.Functions.Explain;

/// <summary>What an object is to us, in sentences.</summary>
internal static class RoleSentences
{
    public static IEnumerable<(string Word, string Sentence)> Of(ObjectRole role)
    {
        var said = false;
        foreach (var one in Said(role))
        {
            said = true;
            yield return one;
        }
        if (!said)
            yield return ("plain object", "bears no annotation that means anything here");
    }

    private static IEnumerable<(string Word, string Sentence)> Said(ObjectRole role)
    {
        if (role.Refusal is { } refusal)
            yield return ("never a source", refusal);
        foreach (var push in role.Specification.Pushes)
            yield return ("source", $"pushes by {push.Policy.Dialect}'s rules{Name(role, push)} to namespaces: {push.Namespaces.Describe()}{Content(push.Policy)}");
        foreach (var grant in role.Specification.PullGrants)
            yield return ("source", $"may be pulled by namespaces: {grant.Describe()}");
        foreach (var remark in role.Specification.Remarks)
            yield return ("remark", remark);
        if (role.Specification.OnRelease is { } onRelease)
            yield return ("source", onRelease == OnRelease.Keep ? "leaves its mirrors when they are no longer wanted" : "has its mirrors deleted when they are no longer wanted");
        if (role.Request is { } request)
            yield return ("mirror", $"asks by {request.Policy.Dialect}'s rules to be filled from {request.Source}");
        if (role.CopyOf is { } source)
            yield return ("mirror", Copied(role, source));
        else if (role.PeerClaim is { } claim)
            yield return ("mirror", $"was made by Reflector as a mirror of {claim}");
        if (role.Consents)
            yield return ("mirror", "its owner consents that it becomes a mirror (heliograph.dev/adopt)");
        foreach (var fault in role.Faults)
            yield return ("invalid", fault.ToString());
    }

    private static string Copied(ObjectRole role, Model.ResourceRef source) => (role.OnRequest, role.Request) switch
    {
        (false, _) => $"was made by Heliograph as a mirror of {source}; it is never pushed on",
        (true, null) => $"was filled on request from {source}, and asks no more: it is nobody's mirror now",
        _ => $"was filled on request from {source}",
    };

    private static string Name(ObjectRole role, PushRule push) => push.MirrorName == role.Object.Name ? "" : $", under the name {push.MirrorName},";

    /// <summary>What is copied, where that is not simply everything that the kind has.</summary>
    private static string Content(MirrorPolicy policy) => string.Concat(
        policy.Keys is { } keys ? $"; only the keys {keys}" : "",
        policy.RenameKeys.IsEmpty ? "" : $"; {string.Join(", ", policy.RenameKeys.Select(pair => $"{pair.Key} as {pair.Value}"))}",
        policy.CopyLabels is { } labels ? $"; with the labels {labels}" : "",
        policy.CopyAnnotations is { } annotations ? $"; with the annotations {annotations}" : "",
        policy.SetLabels.IsEmpty ? "" : $"; sets the labels {string.Join(", ", policy.SetLabels.Keys)}",
        policy.SetAnnotations.IsEmpty ? "" : $"; sets the annotations {string.Join(", ", policy.SetAnnotations.Keys)}",
        policy.KeepOwnerReferences ? "; with owner references where they are valid" : "",
        policy.Data == DataMode.Merge ? "; keys of others in the mirror stay" : "");
}
