using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Heliograph.Architecture.Tests;
using Heliograph.Functions;
using Heliograph.Model;

namespace Heliograph.Deploy.Tests;

/// <summary>The Bicep file as its compiler reads it: what comes of it fits the programs and what is known of the platform. Azure itself is not asked.</summary>
public sealed partial class AzureTests
{
    private const string File = "infra/azure/main.bicep";

    private static readonly Lazy<(int Code, string Template, string Complaints)> Compiled = new(Compile);

    private static readonly Lazy<JsonArray> Resources = new(() => JsonNode.Parse(Compiled.Value.Template)!["resources"]!.AsArray());

    private static JsonNode Variables => JsonNode.Parse(Compiled.Value.Template)!["variables"]!;

    [Fact]
    public void It_compiles_without_a_complaint() => Assert.Equal((0, ""), (Compiled.Value.Code, Compiled.Value.Complaints));

    [Fact]
    public void The_subscription_lets_through_every_event_and_nothing_else() => Assert.Equal(
        ((string[])[EventTypes.ObjectChanged, EventTypes.ObjectDeleted, EventTypes.NamespaceChanged, EventTypes.SyncCompleted]).Order(StringComparer.Ordinal),
        Variables["eventTypes"]!.AsArray().Select(type => (string)type!).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_app_setting_is_one_that_the_functions_or_their_host_read()
    {
        string[] host = ["AzureWebJobsStorage__accountName", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AzureWebJobs.OnEvent.Disabled"];
        var names = One("Microsoft.Web/sites")["properties"]!["siteConfig"]!["appSettings"]!.AsArray().Select(setting => (string)setting!["name"]!).ToArray();
        Assert.Contains(FunctionsSettings.Key.Name, names);
        Assert.Empty(names.Except(host).Except(FunctionsSettings.All.Select(setting => setting.Name)));
        // On this plan the stack is named in the app's own configuration, and this setting is refused.
        Assert.DoesNotContain("FUNCTIONS_WORKER_RUNTIME", names);
        Assert.Equal("custom", (string?)One("Microsoft.Web/sites")["properties"]!["functionAppConfig"]!["runtime"]!["name"]);
    }

    [Fact]
    public void Events_are_cloud_events_and_what_cannot_be_delivered_is_kept()
    {
        Assert.Equal("CloudEventSchemaV1_0", (string?)One("Microsoft.EventGrid/topics")["properties"]!["inputSchema"]);
        var subscription = One("Microsoft.EventGrid/topics/eventSubscriptions")["properties"]!;
        Assert.Equal("CloudEventSchemaV1_0", (string?)subscription["eventDeliverySchema"]);
        Assert.Equal("StorageQueue", (string?)subscription["deliveryWithResourceIdentity"]!["destination"]!["endpointType"]);
        Assert.Equal("StorageBlob", (string?)subscription["deadLetterWithResourceIdentity"]!["deadLetterDestination"]!["endpointType"]);
        // The most that Event Grid grants.
        Assert.Equal((30, 1440), ((int)subscription["retryPolicy"]!["maxDeliveryAttempts"]!, (int)subscription["retryPolicy"]!["eventTimeToLiveInMinutes"]!));
    }

    [Fact]
    public void Nobody_needs_a_key_of_the_storage_and_nobody_reads_it_unencrypted()
    {
        var storage = One("Microsoft.Storage/storageAccounts")["properties"]!;
        Assert.Equal((false, false, true, "TLS1_2"), (
            (bool)storage["allowSharedKeyAccess"]!, (bool)storage["allowBlobPublicAccess"]!, (bool)storage["supportsHttpsTrafficOnly"]!, (string)storage["minimumTlsVersion"]!));
        Assert.True((bool)One("Microsoft.Web/sites")["properties"]!["httpsOnly"]!);
        Assert.DoesNotContain("listKeys", Compiled.Value.Template, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("securestring", (string?)JsonNode.Parse(Compiled.Value.Template)!["parameters"]!["functionsKey"]!["type"]);
    }

    [Fact]
    public void Every_role_is_granted_to_somebody_and_nothing_twice()
    {
        var grants = Resources.Value.Where(resource => (string)resource!["type"]! == "Microsoft.Authorization/roleAssignments").ToArray();
        var granted = grants.Select(grant => RoleName().Match((string)grant!["properties"]!["roleDefinitionId"]!).Groups[1].Value).ToArray();
        Assert.Equal(Variables["roles"]!.AsObject().Select(role => role.Key).Order(StringComparer.Ordinal), granted.Order(StringComparer.Ordinal));
        Assert.All(grants, grant => Assert.Equal("ServicePrincipal", (string?)grant!["properties"]!["principalType"]));
        Assert.Equal(grants.Length, grants.Select(grant => (string)grant!["name"]!).Distinct().Count());
    }

    /// <summary>A delivery that comes before its right has been granted is refused, and so is the subscription.</summary>
    [Fact]
    public void The_subscription_waits_for_its_queue_its_container_and_both_rights()
    {
        var waits = string.Join('\n', One("Microsoft.EventGrid/topics/eventSubscriptions")["dependsOn"]!.AsArray().Select(one => (string)one!));
        foreach (var what in (string[])["queueServices/queues", "variables('queueName')", "blobServices/containers", "variables('deadLetters')", "queueMessageSender", "blobContributor"])
            Assert.Contains(what, waits, StringComparison.Ordinal);
    }

    private static JsonNode One(string type) => Assert.Single(Resources.Value, resource => (string)resource!["type"]! == type)!;

    private static (int Code, string Template, string Complaints) Compile()
    {
        var compiler = typeof(AzureTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Bicep").Value!;
        var start = new ProcessStartInfo(compiler, ["build", Path.Combine(Tree.Root, File), "--stdout"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        return (process.ExitCode, output.Result, errors.Result);
    }

    [GeneratedRegex(@"variables\('roles'\)\.(\w+)")]
    private static partial Regex RoleName();
}
