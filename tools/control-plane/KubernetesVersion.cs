using System.Globalization;
using System.Text.RegularExpressions;

namespace Heliograph.ControlPlane;

/// <summary>The version a Kubernetes binary gives for itself, such as v1.20.2.</summary>
/// <param name="Major">1, so far.</param>
/// <param name="Minor">The part that says which features there are.</param>
/// <param name="Text">The whole of it, with the leading v.</param>
public sealed partial record KubernetesVersion(int Major, int Minor, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Reads the answer of <c>--version</c>: <c>Kubernetes v1.20.2</c>. Null if it is something else.</summary>
    internal static KubernetesVersion? Parse(string answer)
    {
        var match = Pattern().Match(answer);
        return match.Success ? new KubernetesVersion(Number(match.Groups[2]), Number(match.Groups[3]), match.Groups[1].Value) : null;
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Kubernetes (v(\d{1,4})\.(\d{1,4})\S*)")]
    private static partial Regex Pattern();
}
