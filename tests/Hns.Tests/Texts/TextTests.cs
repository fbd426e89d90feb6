using System.Text.Json;

namespace Heliograph.Hns.Tests.Texts;

/// <summary>Ages, columns, quotas and the configuration as they are printed.</summary>
public sealed class TextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData((3 * 3600) - 1, "179m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((7 * 3600) + 60, "7h1m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData((48 * 3600) - 1, "47h")]
    [InlineData(48 * 3600, "2d")]
    [InlineData((3 * 86400) + 3600, "3d1h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(729L * 86400, "729d")]
    [InlineData(730L * 86400, "2y")]
    [InlineData(731L * 86400, "2y1d")]
    [InlineData(3000L * 86400, "8y")]
    public void Ages_are_the_coarser_the_larger_they_are(long seconds, string expected) => Assert.Equal(expected, HumanDuration.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_stay_so()
    {
        var columns = Columns.AsKubectl();
        Assert.Equal(["NAME     AGE", "bücher   5m", "a        7m"], columns.Lines([["NAME", "AGE"], ["bücher", "5m"], ["a", "7m"]]));
        Assert.Equal(["b        1s", "longer-than-before   1s"], [.. columns.Lines([["b", "1s"]]), .. columns.Lines([["longer-than-before", "1s"]])]);
    }

    [Fact]
    public void Quotas_are_told_by_requests_and_limits()
    {
        var quotas = Json(
            """
            [{ "metadata": { "name": "team", "namespace": "eng", "creationTimestamp": "2026-01-01T11:55:00Z", "labels": { "b": "2", "a": "1" } },
               "status": { "hard": { "secrets": "2", "limits.cpu": "4", "limits.memory": "1Gi", "pods": 10 }, "used": { "secrets": "1", "limits.cpu": "1500m" } } },
             { "metadata": { "name": "new", "namespace": "ops" }, "spec": { "hard": { "pods": "1" } } }]
            """).EnumerateArray().ToArray();
        Assert.Equal(
            [
                "NAME   AGE         REQUEST                    LIMIT",
                "team   5m          pods: 0/10, secrets: 1/2   limits.cpu: 1500m/4, limits.memory: 0/1Gi",
                "new    <unknown>                              ",
            ],
            HrqTable.Lines(quotas, withNamespace: false, withLabels: false, Now));
        Assert.Equal(
            ["NAMESPACE   NAME   AGE   REQUEST                    LIMIT                                       LABELS", "eng         team   5m    pods: 0/10, secrets: 1/2   limits.cpu: 1500m/4, limits.memory: 0/1Gi   a=1,b=2"],
            HrqTable.Lines(quotas[..1], withNamespace: true, withLabels: true, Now));
    }

    [Fact]
    public void The_configuration_is_told_as_the_controller_sees_it() => Assert.Equal(
        [
            "Synchronized resources:", "* Propagating: roles (rbac.authorization.k8s.io/v1)", "* Removing: secrets (/v1)", "* Allowing propagation: configmaps (/v1)",
            "* Ignoring: services (/v1)", "* Ignoring: widgets (example.com/v1)", "", "Conditions:", "OutOfSync (Unknown): why",
        ],
        ConfigurationText.Lines(Json(
            """
            { "spec": { "resources": [{ "resource": "never told of" }] },
              "status": { "resources": [{ "group": "rbac.authorization.k8s.io", "version": "v1", "resource": "roles", "mode": "Propagate" },
                { "group": "", "version": "v1", "resource": "secrets", "mode": "Remove" }, { "group": "", "version": "v1", "resource": "configmaps", "mode": "AllowPropagate" },
                { "group": "", "version": "v1", "resource": "services", "mode": "Ignore" }, { "group": "example.com", "version": "v1", "resource": "widgets" }],
              "conditions": [{ "type": "OutOfSync", "reason": "Unknown", "message": "why" }] } }
            """)));

    [Fact]
    public void Without_a_configuration_the_titles_remain() => Assert.Equal(["Synchronized resources:", "", "Conditions:"], ConfigurationText.Lines(default));

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
