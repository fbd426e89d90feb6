using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Heliograph.Deploy.Tests;

/// <summary>The definitions of the kinds by which namespaces get parents: what HNC's users have is taken as it is and comes back whole.</summary>
public sealed class InheritanceKindsTests(Cluster cluster)
{
    private const string Definitions = "infra/cluster/inheritance/crds";
    private const string Group = "/apis/hnc.x-k8s.io/v1alpha2";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, string> Whole = new()
    {
        ["namespaces/default/hierarchyconfigurations"] = """
            { "apiVersion": "hnc.x-k8s.io/v1alpha2", "kind": "HierarchyConfiguration",
              "metadata": { "name": "hierarchy", "namespace": "default" },
              "spec": { "parent": "eng", "allowCascadingDeletion": true,
                "labels": [{ "key": "team", "value": "a" }], "annotations": [{ "key": "example.com/contact", "value": "a@example.com" }] },
              "status": { "children": ["a", "b"],
                "conditions": [{ "type": "ActivitiesHalted", "status": "True", "reason": "ParentMissing", "message": "Parent \"eng\" does not exist",
                  "lastTransitionTime": "1970-01-01T00:00:00Z", "observedGeneration": 3 }] } }
            """,
        ["namespaces/default/subnamespaceanchors"] = """
            { "apiVersion": "hnc.x-k8s.io/v1alpha2", "kind": "SubnamespaceAnchor",
              "metadata": { "name": "child", "namespace": "default" },
              "spec": { "labels": [{ "key": "team", "value": "a" }], "annotations": [{ "key": "example.com/contact", "value": "" }] },
              "status": { "status": "Ok" } }
            """,
        ["hncconfigurations"] = """
            { "apiVersion": "hnc.x-k8s.io/v1alpha2", "kind": "HNCConfiguration",
              "metadata": { "name": "config" },
              "spec": { "resources": [{ "resource": "secrets", "mode": "AllowPropagate" }, { "group": "apps", "resource": "deployments" },
                { "resource": "configmaps", "mode": "Propagate" }, { "resource": "services", "mode": "Remove" }, { "resource": "limitranges", "mode": "Ignore" }] },
              "status": { "resources": [{ "group": "", "version": "v1", "resource": "secrets", "mode": "AllowPropagate", "numPropagatedObjects": 0, "numSourceObjects": 7 }],
                "conditions": [{ "type": "BadConfiguration", "status": "True", "reason": "ResourceNotFound", "message": "",
                  "lastTransitionTime": "2026-01-01T00:00:00Z" }] } }
            """,
        ["namespaces/default/hierarchicalresourcequotas"] = """
            { "apiVersion": "hnc.x-k8s.io/v1alpha2", "kind": "HierarchicalResourceQuota",
              "metadata": { "name": "team", "namespace": "default" },
              "spec": { "hard": { "pods": 3, "requests.cpu": "1.5", "limits.cpu": 0.5, "limits.memory": "2Gi" } },
              "status": { "hard": { "pods": 3 }, "used": { "pods": "1" }, "requestsSummary": "pods: 1/3", "limitsSummary": "limits.memory: 0/2Gi" } }
            """,
    };

    public static TheoryData<string> Kinds => [.. Whole.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_with_every_field_comes_back_as_it_was(string path)
    {
        await DefinedAsync();
        var body = Object(path);
        var name = (string)body["metadata"]!["name"]!;
        await cluster.CallAsync(HttpMethod.Post, $"{Group}/{path}", body.DeepClone());
        try
        {
            var stored = await cluster.CallAsync(HttpMethod.Get, $"{Group}/{path}/{name}");
            foreach (var member in (string[])["spec", "status"])
                Assert.True(JsonNode.DeepEquals(body[member], stored![member]), $"{member}: {stored[member]}");

            // There is no status subresource: whoever writes the object writes its status, on HNC's definitions and on these.
            await cluster.CallAsync(HttpMethod.Patch, $"{Group}/{path}/{name}", new JsonObject { ["status"] = null });
            Assert.Null((await cluster.CallAsync(HttpMethod.Get, $"{Group}/{path}/{name}"))!["status"]);
            Assert.Null(await cluster.CallAsync(HttpMethod.Get, $"{Group}/{path}/{name}/status"));
        }
        finally
        {
            await cluster.CallAsync(HttpMethod.Delete, $"{Group}/{path}/{name}");
        }
    }

    [Theory]
    [InlineData("namespaces/default/hierarchyconfigurations", "metadata/name", "\"other\"")]
    [InlineData("hncconfigurations", "metadata/name", "\"other\"")]
    [InlineData("namespaces/default/hierarchyconfigurations", "spec/parent", "7")]
    [InlineData("namespaces/default/hierarchyconfigurations", "spec/allowCascadingDeletion", "\"yes\"")]
    [InlineData("namespaces/default/hierarchyconfigurations", "spec/labels", "[{ \"key\": \"team\" }]")]
    [InlineData("namespaces/default/hierarchyconfigurations", "status/conditions", "[{ \"type\": \"ActivitiesHalted\" }]")]
    [InlineData("namespaces/default/subnamespaceanchors", "spec/annotations", "{ \"team\": \"a\" }")]
    [InlineData("namespaces/default/subnamespaceanchors", "status/status", "true")]
    [InlineData("hncconfigurations", "spec/resources", "[{ \"mode\": \"Propagate\" }]")]
    [InlineData("hncconfigurations", "spec/resources", "[{ \"resource\": \"secrets\", \"mode\": \"propagate\" }]")]
    [InlineData("namespaces/default/hierarchicalresourcequotas", "spec/hard", "{ \"pods\": \"many\" }")]
    [InlineData("namespaces/default/hierarchicalresourcequotas", "spec/hard", "{ \"cpu\": -0.5 }")]
    public async Task A_name_or_a_field_that_HNC_does_not_take_is_refused(string path, string field, string value)
    {
        await DefinedAsync();
        var body = Object(path);
        var (parent, member) = field.Split('/') switch { [var a, var b] => (a, b), _ => throw new FormatException(field) };
        body[parent]![member] = JsonNode.Parse(value);

        using var user = cluster.ControlPlane.CreateAdminClient();
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await user.PostAsync(new Uri($"{Group}/{path}?dryRun=All", UriKind.Relative), content, Cancellation);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(field.Replace('/', '.'), await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    /// <summary>Kubernetes' own roles take these in by their labels; which roles do, a controller sees to that does not run here.</summary>
    [Theory]
    [InlineData("admin", "hierarchyconfigurations get,update subnamespaceanchors get,update hierarchicalresourcequotas get,update")]
    [InlineData("edit", "hierarchyconfigurations - subnamespaceanchors get,update hierarchicalresourcequotas get,update")]
    [InlineData("view", "hierarchyconfigurations get subnamespaceanchors get hierarchicalresourcequotas get")]
    public async Task People_may_do_what_they_could_with_HNC(string role, string expected)
    {
        await cluster.ApplyAsync("infra/cluster/inheritance/people");
        var name = $"heliograph-inheritance-{role}";
        var document = Kubectl.Documents("infra/cluster/inheritance/people").Single(document => document.Name() == $"ClusterRole/{name}");
        Assert.Equal("true", document.Text("metadata", "labels", $"rbac.authorization.k8s.io/aggregate-to-{role}"));
        await cluster.CallAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = name }),
        });
        var began = Stopwatch.GetTimestamp();
        while (await AllowedAsync(name) is var allowed && allowed != expected)
        {
            // The authorizer learns of a binding a moment later.
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, allowed);
            await Task.Delay(20, Cancellation);
        }
    }

    [Fact]
    public async Task People_see_parents_states_and_quotas()
    {
        await DefinedAsync();
        var columns = Kubectl.Documents(Definitions).ToDictionary(
            definition => definition.Text("spec", "names", "kind"),
            definition => string.Join(' ', definition.List("spec", "versions").Single().List("additionalPrinterColumns").Select(column => column.Text("name"))));
        Assert.Equal(
            ("Parent Age", "Status Age", "", "Request Limit"),
            (columns["HierarchyConfiguration"], columns["SubnamespaceAnchor"], columns["HNCConfiguration"], columns["HierarchicalResourceQuota"]));
        var resources = (await cluster.CallAsync(HttpMethod.Get, Group))!["resources"]!.AsArray();
        Assert.Equal(
            ["hierarchicalresourcequotas hrq", "hierarchyconfigurations ", "hncconfigurations ", "subnamespaceanchors subns"],
            resources.Select(resource => $"{resource!["name"]} {string.Join(' ', resource["shortNames"]?.AsArray() ?? [])}").Order(StringComparer.Ordinal));
    }

    /// <summary>Applies the definitions and waits until they are served.</summary>
    private async Task DefinedAsync()
    {
        await cluster.ApplyAsync(Definitions);
        var began = Stopwatch.GetTimestamp();
        foreach (var definition in Kubectl.Documents(Definitions))
        {
            var path = definition.Text("spec", "names", "plural");
            while (await cluster.CallAsync(HttpMethod.Get, $"{Group}/{path}") is null)
            {
                Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{path} is not served");
                await Task.Delay(20, Cancellation);
            }
        }
    }

    /// <summary>Which of reading and changing is allowed of each kind in a namespace.</summary>
    private async Task<string> AllowedAsync(string user)
    {
        var words = new List<string>();
        foreach (var resource in (string[])["hierarchyconfigurations", "subnamespaceanchors", "hierarchicalresourcequotas"])
        {
            var verbs = new List<string>();
            foreach (var verb in (string[])["get", "update"])
            {
                var review = new JsonObject
                {
                    ["spec"] = new JsonObject
                    {
                        ["user"] = user,
                        ["resourceAttributes"] = new JsonObject { ["group"] = "hnc.x-k8s.io", ["resource"] = resource, ["verb"] = verb, ["namespace"] = "default" },
                    },
                };
                if ((bool)(await cluster.CallAsync(HttpMethod.Post, "/apis/authorization.k8s.io/v1/subjectaccessreviews", review))!["status"]!["allowed"]!)
                    verbs.Add(verb);
            }
            words.AddRange([resource, verbs.Count == 0 ? "-" : string.Join(',', verbs)]);
        }
        return string.Join(' ', words);
    }

    private static JsonNode Object(string path) => JsonNode.Parse(Whole[path])!;
}
