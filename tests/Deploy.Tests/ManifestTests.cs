using System.Text.Json.Nodes;
using Heliograph.Architecture.Tests;
using Heliograph.Exporter;
using Heliograph.Functions;
using Heliograph.Functions.Admission;
using Heliograph.Queues;
using Heliograph.Standalone;
using YamlDotNet.RepresentationModel;

namespace Heliograph.Deploy.Tests;

/// <summary>The manifests as a user applies them: rendered, taken by a real API server, and fitting the programs.</summary>
public sealed class ManifestTests(Cluster cluster)
{
    private const string Plain = "infra/deploy/plain";
    private const string Keda = "infra/deploy/keda";
    private const string Replicated = "infra/deploy/plain-replicated";
    private const string Monitored = "infra/deploy/plain-monitored";
    private const string Inheriting = "infra/deploy/plain-inheriting";
    private const string Encrypted = "infra/deploy/plain-encrypted";
    private const string Reviewed = "infra/deploy/plain-admission";

    public static TheoryData<string> Applied => [Plain, Keda, Replicated, Monitored, Inheriting, Encrypted];

    /// <summary>And the one whose webhooks would have every other test's requests refused, because nobody answers them here.</summary>
    public static TheoryData<string> Setups => [Plain, Keda, Replicated, Monitored, Inheriting, Encrypted, Reviewed];

    [Theory]
    [MemberData(nameof(Applied))]
    public async Task A_real_api_server_takes_all_of_it_twice(string setup)
    {
        await cluster.ApplyAsync(setup);
        await cluster.ApplyAsync(setup);

        Assert.NotNull(await cluster.CallAsync(HttpMethod.Get, "/apis/apps/v1/namespaces/heliograph/deployments/heliograph-exporter"));
        Assert.NotNull(await cluster.CallAsync(HttpMethod.Get, "/apis/apps/v1/namespaces/heliograph/deployments/heliograph-functions"));
    }

    [Fact]
    public async Task A_real_api_server_would_take_the_webhooks_and_what_they_need()
    {
        await cluster.ApplyAsync(Plain);
        Kubectl.Run(cluster.ControlPlane.AdminKubeconfig, Kubectl.Render(Reviewed).Replace("policy/v1\n", "policy/v1beta1\n", StringComparison.Ordinal), "apply", "--server-side", "--dry-run=server", "--validate=false", "-f", "-");
    }

    /// <summary>What API servers ask for is what is served, and nothing of the cluster's own or of ours is behind it.</summary>
    [Fact]
    public void The_webhooks_lead_to_the_functions_and_lock_nobody_out()
    {
        var documents = Kubectl.Documents(Reviewed).ToDictionary(document => document.Name());
        var service = documents["Service/heliograph-admission"];
        var webhooks = documents["ValidatingWebhookConfiguration/heliograph-admission"].List("webhooks").ToArray();
        Assert.All(webhooks, webhook => Assert.Equal(
            (service.Text("metadata", "name"), service.Text("metadata", "namespace"), AdmissionEndpoint.Path),
            (webhook.Text("clientConfig", "service", "name"), webhook.Text("clientConfig", "service", "namespace"), webhook.Text("clientConfig", "service", "path"))));
        Assert.Equal("heliograph/heliograph-admission", documents["ValidatingWebhookConfiguration/heliograph-admission"].Text("metadata", "annotations", "cert-manager.io/inject-ca-from"));
        Assert.Contains("heliograph-admission.heliograph.svc", documents["Certificate/heliograph-admission"].List("spec", "dnsNames").Select(name => name.ToString()));

        Assert.Equal(("objects.hnc.x-k8s.io", "2", "Fail"), (webhooks[0].Text("name"), webhooks[0].Text("timeoutSeconds"), webhooks[0].Text("failurePolicy")));
        Assert.Equal("true", webhooks[0].Text("namespaceSelector", "matchLabels", "hnc.x-k8s.io/included-namespace"));
        Assert.All(webhooks.Where(webhook => webhook.List("rules").Any(rule => !rule.List("apiGroups").Select(group => group.ToString()).Contains("hnc.x-k8s.io")) && webhook.Text("failurePolicy") == "Fail"), webhook =>
        {
            var left = Assert.Single(webhook.List("namespaceSelector", "matchExpressions"));
            Assert.Equal(
                "kubernetes.io/metadata.name NotIn kube-system kube-public kube-node-lease heliograph",
                $"{left.Text("key")} {left.Text("operator")} {string.Join(' ', left.List("values"))}");
        });
        Assert.DoesNotContain(webhooks, webhook => webhook.List("rules").Any(rule => rule.List("resources").Any(resource => resource.ToString().Contains('*', StringComparison.Ordinal))));
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Nobody_is_root_and_nobody_writes_where_he_runs(string setup)
    {
        var pods = Pods(setup).ToArray();
        Assert.NotEmpty(pods);
        foreach (var (name, pod) in pods)
        {
            Assert.Equal((name, "true", "RuntimeDefault"), (name, pod.Text("securityContext", "runAsNonRoot"), pod.Text("securityContext", "seccompProfile", "type")));
            foreach (var container in pod.List("containers"))
            {
                Assert.Equal(
                    (name, "false", "true", "ALL"),
                    (name, container.Text("securityContext", "allowPrivilegeEscalation"), container.Text("securityContext", "readOnlyRootFilesystem"),
                        string.Join(',', container.List("securityContext", "capabilities", "drop"))));
                Assert.NotEmpty(container.Text("resources", "limits", "memory"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Every_setting_is_one_that_its_program_reads(string setup)
    {
        var functions = FunctionsSettings.All.Concat(QueueFunction.All).Select(setting => setting.Name).ToHashSet();
        var exporter = ExporterSettings.All.Select(setting => setting.Name).ToHashSet();
        foreach (var (name, pod) in Pods(setup))
        {
            foreach (var container in pod.List("containers"))
            {
                var known = container.Text("image") == "heliograph-exporter" ? exporter : functions;
                Assert.All(container.List("env"), variable => Assert.Contains(variable.Text("name"), known));
                Assert.NotEmpty(container.List("env"));
            }
            Assert.NotEmpty(name);
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void What_is_mounted_is_where_the_settings_look(string setup)
    {
        foreach (var (name, pod) in Pods(setup))
        {
            foreach (var container in pod.List("containers"))
            {
                var mounts = container.List("volumeMounts").Select(mount => mount.Text("mountPath")).ToArray();
                var files = container.List("env").Where(variable => variable.Text("name").EndsWith("File", StringComparison.Ordinal)).Select(variable => variable.Text("value"));
                Assert.All(files, file => Assert.True(mounts.Contains(Path.GetDirectoryName(file)), $"{name}: {file} is not mounted"));
                Assert.Equal(
                    pod.List("volumes").Select(volume => volume.Text("name")).Order(StringComparer.Ordinal),
                    container.List("volumeMounts").Select(mount => mount.Text("name")).Order(StringComparer.Ordinal));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Every_selector_finds_its_pods(string setup)
    {
        var labels = Kubectl.Documents(setup).Where(document => document.Text("kind") == "Deployment")
            .Select(deployment => deployment.Text("spec", "template", "metadata", "labels", "app.kubernetes.io/name")).ToHashSet();
        Assert.Equal(["heliograph-exporter", "heliograph-functions"], labels.Order(StringComparer.Ordinal));
        foreach (var document in Kubectl.Documents(setup))
        {
            var selected = document.Text("kind") switch
            {
                "Deployment" or "PodDisruptionBudget" => document.Text("spec", "selector", "matchLabels", "app.kubernetes.io/name"),
                "NetworkPolicy" => document.Text("spec", "podSelector", "matchLabels", "app.kubernetes.io/name"),
                "Service" => document.Text("spec", "selector", "app.kubernetes.io/name"),
                "ScaledObject" => document.Text("spec", "scaleTargetRef", "name"),
                _ => null,
            };
            Assert.True(selected is null || labels.Contains(selected), $"{document.Name()} selects {selected}");
        }
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Encrypted)]
    public void The_exporter_speaks_to_the_service_of_the_functions(string setup)
    {
        var service = Kubectl.Documents(setup).Single(document => document.Text("kind") == "Service");
        var port = service.List("spec", "ports").Single();
        var endpoint = new Uri(Environment(setup, "exporter")["Exporter__Endpoint"]);
        Assert.Equal(
            ($"{service.Text("metadata", "name")}.{service.Text("metadata", "namespace")}", port.Text("port"), Functions.Events.EventsEndpoint.Path),
            (endpoint.Host, $"{endpoint.Port}", endpoint.AbsolutePath));
        var listens = new Uri(Environment(setup, "functions")["Functions__Listen"]);
        Assert.Equal(endpoint.Scheme, listens.Scheme);
        Assert.Equal($"{listens.Port}", PortOf(Container(setup, "Deployment/heliograph-functions"), port.Text("targetPort")));
    }

    /// <summary>Where the kubelet asks is where the programs answer without TLS: it has no certificate to show.</summary>
    [Theory]
    [MemberData(nameof(Setups))]
    public void Probes_ask_at_the_address_for_probes(string setup)
    {
        foreach (var (program, setting) in ((string, string)[])[("functions", HealthAddress.ListenAt.Name), ("exporter", ExporterSettings.ListenAt.Name)])
        {
            var container = Container(setup, $"Deployment/heliograph-{program}");
            var listens = new Uri(Environment(setup, program)[setting]);
            foreach (var (probe, path) in ((string, string)[])[("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")])
            {
                Assert.Equal(path, container.Text(probe, "httpGet", "path"));
                Assert.Equal($"{listens.Port}", PortOf(container, container.Text(probe, "httpGet", "port")));
            }
            Assert.Equal("http", listens.Scheme);
        }
    }

    [Fact]
    public void Certificates_are_for_those_who_show_them_and_by_whom_the_other_trusts()
    {
        var documents = Kubectl.Documents(Encrypted).ToDictionary(document => document.Name());
        var endpoint = new Uri(Environment(Encrypted, "exporter")["Exporter__Endpoint"]);
        var (functions, exporter) = (documents["Certificate/heliograph-functions-tls"], documents["Certificate/heliograph-exporter-tls"]);
        Assert.Contains(endpoint.Host, functions.List("spec", "dnsNames").Select(name => name.ToString()));
        Assert.Equal(["digital signature", "server auth"], functions.List("spec", "usages").Select(usage => usage.ToString()));
        Assert.Equal(["digital signature", "client auth"], exporter.List("spec", "usages").Select(usage => usage.ToString()));
        foreach (var (program, certificate) in ((string, YamlMappingNode)[])[("functions", functions), ("exporter", exporter)])
        {
            Assert.Equal("heliograph-tls-authority", certificate.Text("spec", "issuerRef", "name"));
            var volume = Pods(Encrypted).Single(pod => pod.Name == $"Deployment/heliograph-{program}").Pod.List("volumes").Single(one => one.Text("name") == "tls");
            Assert.Equal(certificate.Text("spec", "secretName"), volume.Text("secret", "secretName"));
            var mount = Container(Encrypted, $"Deployment/heliograph-{program}").List("volumeMounts").Single(one => one.Text("name") == "tls");
            // A file that is mounted by itself would never change.
            Assert.Equal("", mount.Text("subPath"));
            Assert.Equal(
                ["ca.crt", "tls.crt", "tls.key"],
                Environment(Encrypted, program).Values.Where(value => value.StartsWith(mount.Text("mountPath") + "/", StringComparison.Ordinal)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }
        var issuer = documents["Issuer/heliograph-tls-authority"];
        Assert.Equal(documents["Certificate/heliograph-tls-authority"].Text("spec", "secretName"), issuer.Text("spec", "ca", "secretName"));
    }

    [Fact]
    public void The_components_fit_together()
    {
        var directory = Directory.CreateTempSubdirectory("heliograph-kustomize-").FullName;
        try
        {
            string[] components = ["inheriting", "encrypted", "monitored", "replicated"];
            var root = Path.GetRelativePath(directory, Tree.Root);
            File.WriteAllText(
                Path.Combine(directory, "kustomization.yaml"),
                $"resources:\n- {root}/{Plain}\ncomponents:\n{string.Concat(components.Select(component => $"- {root}/infra/deploy/{component}\n"))}"
                + $"- {root}/infra/cluster/inheritance/admission\n- {root}/infra/cluster/inheritance/admission-cert-manager\n");

            var functions = Container(directory, "Deployment/heliograph-functions");
            Assert.Equal(["7071", "8080", "8443"], functions.List("ports").Select(port => port.Text("containerPort")).Order(StringComparer.Ordinal));
            foreach (var (_, pod) in Pods(directory))
            {
                var names = pod.List("containers").Single().List("env").Select(variable => variable.Text("name")).ToArray();
                Assert.Equal(names.Distinct(), names);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Everybody_means_the_same_queue()
    {
        var name = Environment(Keda, "exporter")[QueueSettings.NameIs.Name];
        var trigger = Scaled().List("spec", "triggers").Single();
        var function = JsonNode.Parse(Tree.Read("functions/CustomHandler/functions/OnQueue/function.json"))!["bindings"]![0]!["queueName"]!.GetValue<string>();
        Assert.Equal([name, name, name], [Environment(Keda, "functions")[QueueSettings.NameIs.Name], trigger.Text("metadata", "queueName"), function]);
        Assert.Contains($"var queueName = '{name}'", Tree.Read("infra/azure/main.bicep"), StringComparison.Ordinal);
    }

    [Fact]
    public void Keda_is_told_of_triggers_that_it_knows()
    {
        // eventGridTrigger and timerTrigger are of the Functions host; KEDA has no scaler of such a name and never gets ready with one.
        Assert.Equal(["azure-queue"], Scaled().List("spec", "triggers").Select(trigger => trigger.Text("type")));
        Assert.Equal("all", Scaled().List("spec", "triggers").Single().Text("metadata", "queueLengthStrategy"));
        Assert.DoesNotContain("eventGridTrigger", Kubectl.Render(Keda), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("timerTrigger", Kubectl.Render(Keda), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_pod_gets_more_time_to_end_than_a_run_takes()
    {
        var grace = int.Parse(Pods(Plain).Single(pod => pod.Name == "Deployment/heliograph-functions").Pod.Text("terminationGracePeriodSeconds"), null);
        Assert.True(TimeSpan.FromSeconds(grace) > Work.Deadline);
    }

    [Fact]
    public void The_images_are_those_that_are_made()
    {
        var dockerfile = Tree.Read("infra/docker/Dockerfile");
        var images = Pods(Plain).Concat(Pods(Keda)).SelectMany(pod => pod.Pod.List("containers")).Select(container => container.Text("image")).Distinct();
        Assert.Equal(["heliograph-exporter", "heliograph-functions"], images.Order(StringComparer.Ordinal));
        foreach (var (stage, program, project) in ((string, string, string)[])
                 [("functions", "heliograph-functions", "functions/Standalone/Heliograph.Standalone.csproj"), ("exporter", "heliograph-exporter", "event-exporter/App/Heliograph.Exporter.csproj")])
        {
            Assert.Contains($"\nFROM base AS {stage}\nCOPY --from=build-{stage} /out/{program} /{program}\n", dockerfile, StringComparison.Ordinal);
            Assert.Contains(project, dockerfile, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Tree.Root, project)));
            Assert.Equal(program, Tree.Project(project).Descendants("AssemblyName").Single().Value);
        }
        Assert.Contains("\nUSER 65532:65532\n", dockerfile, StringComparison.Ordinal);
    }

    private static YamlNode Container(string setup, string deployment) => Pods(setup).Single(pod => pod.Name == deployment).Pod.List("containers").Single();

    private static string PortOf(YamlNode container, string name) => container.List("ports").Single(port => port.Text("name") == name).Text("containerPort");

    private static YamlMappingNode Scaled() => Kubectl.Documents(Keda).Single(document => document.Text("kind") == "ScaledObject");

    private static IEnumerable<(string Name, YamlNode Pod)> Pods(string setup) =>
        from document in Kubectl.Documents(setup)
        let pod = document.Text("kind") == "CronJob" ? document.At("spec", "jobTemplate", "spec", "template", "spec") : document.At("spec", "template", "spec")
        where pod is not null
        select (document.Name(), pod);

    private static Dictionary<string, string> Environment(string setup, string container) =>
        Pods(setup).SelectMany(pod => pod.Pod.List("containers")).Single(one => one.Text("name") == container)
            .List("env").ToDictionary(variable => variable.Text("name"), variable => variable.Text("value"));
}
