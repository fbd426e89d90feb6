using System.Text;
using Heliograph.Fakes;
using Heliograph.Model;

namespace Heliograph.Simulation.World;

/// <summary>The payloads that users write. A secret value begins with <see cref="History.SecretMark"/>, so that it is found wherever it does not belong.</summary>
internal static class Things
{
    /// <summary>The fields of a new object beside its metadata.</summary>
    public static Json.Map Fields(Kind kind, Dice dice)
    {
        var isEmpty = dice.Below(5) == 0;
        return kind.Name switch
        {
            "Secret" => Json.Of(
                ("type", Json.Of(dice.Below(5) == 0 ? "example.com/own" : "Opaque")),
                ("data", isEmpty ? null : Json.Of(("k1", Secret(dice)), ("k2", dice.Below(2) == 0 ? Secret(dice) : null)))),
            "ConfigMap" => Json.Of(
                ("data", isEmpty ? null : Json.Of(("k1", Plain(dice)), ("k2", dice.Below(2) == 0 ? Plain(dice) : null))),
                ("binaryData", isEmpty || dice.Below(3) > 0 ? null : Json.Of(("bin", Secret(dice))))),
            "ServiceAccount" => Json.Of(("imagePullSecrets", isEmpty ? null : Names(dice))),
            "RoleBinding" => Json.Of(
                ("subjects", isEmpty ? null : Subjects(dice)),
                ("roleRef", Json.Of(
                    ("apiGroup", Json.Of("rbac.authorization.k8s.io")), ("kind", Json.Of("Role")), ("name", Json.Of(dice.Below(4) == 0 ? "writer" : "reader"))))),
            _ => throw new NotSupportedException(kind.Name),
        };
    }

    /// <summary>A merge patch of an object's payload, and what it touches.</summary>
    public static (Json.Map Patch, string What) Edit(Kind kind, Dice dice)
    {
        var isGone = dice.Below(3) == 0;
        var key = dice.Pick(["k1", "k2", "k3"]);
        if (kind.Lock is { } locking && dice.Below(15) == 0)
            return (Json.Of((locking, Json.Of(true))), "makes it immutable");
        return kind.Name switch
        {
            "Secret" => (Json.Of(("data", Json.Of((key, isGone ? Json.Null : Secret(dice))))), Of("data/" + key)),
            "ConfigMap" when dice.Below(4) == 0 => (Json.Of(("binaryData", Json.Of(("bin", isGone ? Json.Null : Secret(dice))))), Of("binaryData/bin")),
            "ConfigMap" => (Json.Of(("data", Json.Of((key, isGone ? Json.Null : Plain(dice))))), Of("data/" + key)),
            "ServiceAccount" when dice.Below(2) == 0 =>
                (Json.Of(("automountServiceAccountToken", isGone ? Json.Null : Json.Of(dice.Below(2) == 0))), Of("automountServiceAccountToken")),
            "ServiceAccount" => (Json.Of(("imagePullSecrets", isGone ? Json.Null : Names(dice))), Of("imagePullSecrets")),
            "RoleBinding" => (Json.Of(("subjects", isGone ? Json.Null : Subjects(dice))), Of("subjects")),
            _ => throw new NotSupportedException(kind.Name),
        };

        string Of(string path) => isGone ? $"takes {path} away" : $"sets {path}";
    }

    private static Json.Text Secret(Dice dice) => new(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{History.SecretMark}-{dice.Below(4)}")));

    private static Json.Text Plain(Dice dice) => new($"{History.SecretMark}-{dice.Below(4)}");

    private static Json.List Names(Dice dice) => new([Json.Of(("name", Json.Of($"pull-{dice.Below(3)}")))]);

    private static Json.List Subjects(Dice dice) => new([Json.Of(
        ("apiGroup", Json.Of("rbac.authorization.k8s.io")), ("kind", Json.Of("User")), ("name", Json.Of($"user-{dice.Below(3)}")))]);
}
