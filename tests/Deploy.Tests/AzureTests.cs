using System.Text.RegularExpressions;
using Heliograph.Architecture.Tests;
using Heliograph.Functions;
using Heliograph.Model;

namespace Heliograph.Deploy.Tests;

/// <summary>What can be said of the Bicep file without a compiler: what it names exists and fits the programs. That it compiles, this does not say.</summary>
public sealed partial class AzureTests
{
    private static readonly string Bicep = Tree.Read("infra/azure/main.bicep");

    [Fact]
    public void The_subscription_lets_through_every_event_and_nothing_else() => Assert.Equal(
        ((string[])[EventTypes.ObjectChanged, EventTypes.ObjectDeleted, EventTypes.NamespaceChanged, EventTypes.SyncCompleted]).Order(StringComparer.Ordinal),
        EventType().Matches(Bicep).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_app_setting_is_one_that_the_functions_or_their_host_read()
    {
        string[] host = ["AzureWebJobsStorage__accountName", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AzureWebJobs.OnEvent.Disabled"];
        var names = AppSetting().Matches(Bicep).Select(match => match.Groups[1].Value).ToArray();
        Assert.Contains(FunctionsSettings.Key.Name, names);
        Assert.Empty(names.Except(host).Except(FunctionsSettings.All.Select(setting => setting.Name)));
    }

    [Fact]
    public void Events_are_cloud_events_and_what_cannot_be_delivered_is_kept()
    {
        Assert.Contains("inputSchema: 'CloudEventSchemaV1_0'", Bicep, StringComparison.Ordinal);
        Assert.Contains("eventDeliverySchema: 'CloudEventSchemaV1_0'", Bicep, StringComparison.Ordinal);
        Assert.Contains("deadLetterWithResourceIdentity", Bicep, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_symbol_that_is_used_is_declared_and_brackets_match()
    {
        var code = Comment().Replace(Bicep, "");
        var declared = Declaration().Matches(code).Select(match => match.Groups[1].Value).ToHashSet();
        var used = Use().Matches(Text().Replace(code, match => string.Join(' ', Hole().Matches(match.Value).Select(hole => hole.Groups[1].Value))))
            .Select(match => match.Groups[1].Value).Where(name => !name.StartsWith("az", StringComparison.Ordinal)).Distinct();
        Assert.Empty(used.Except(declared));
        var bare = Text().Replace(code, "''");
        foreach (var (open, close) in ((char, char)[])[('{', '}'), ('[', ']'), ('(', ')')])
            Assert.Equal(bare.Count(c => c == open), bare.Count(c => c == close));
    }

    [Fact]
    public void Nothing_is_granted_twice_and_no_role_goes_unused()
    {
        var roles = Role().Matches(Bicep).Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(roles);
        Assert.All(roles, role => Assert.True(Regex.Count(Bicep, $@"roles\.{role}\b") >= 2, $"{role} is granted to nobody"));
    }

    [GeneratedRegex(@"^  '(dev\.heliograph\.[a-z.]+)'$", RegexOptions.Multiline)]
    private static partial Regex EventType();

    [GeneratedRegex(@"name: '([A-Za-z_.]+)'\n\s+value:")]
    private static partial Regex AppSetting();

    [GeneratedRegex(@"^\s*(?:param|var|resource|output)\s+(\w+)\b", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    /// <summary>What a value begins with: a name that is followed by a member, a nested resource, a list's end or the line's.</summary>
    [GeneratedRegex(@"(?<=[:,(=!?]\s?|empty\(|\s)([a-z]\w*)(?=\.(?:id|identity|properties|name|queueMessageSender|queueContributor|blobContributor|blobOwner|eventGridDataSender)\b|::)")]
    private static partial Regex Use();

    [GeneratedRegex(@"'(?:\\.|[^'\\])*'")]
    private static partial Regex Text();

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^  (\w+): '[0-9a-f]{8}-[0-9a-f-]{27}'$", RegexOptions.Multiline)]
    private static partial Regex Role();
}
