using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Engine.Tests.Trees;

/// <summary>A cluster in memory in which namespaces inherit, and words for what its users do.</summary>
internal sealed class Forest : IDisposable
{
    private readonly FakeTimeProvider clock = new();

    public Forest(InheritanceSettings? settings = null, string mode = "Propagate")
    {
        Server = new FakeApiServer(clock);
        User = new FakeUser(Server);
        Cluster = new FakeCluster(Server);
        Settings = new EngineSettings { Inheritance = settings ?? new InheritanceSettings { TrustChildren = true }, Kinds = [.. Kinds.All] };
        Reconciler = new Reconciler(Cluster, Settings, clock);
        SetMode("secrets", mode);
    }

    public FakeApiServer Server { get; }

    public FakeUser User { get; }

    public FakeCluster Cluster { get; }

    public EngineSettings Settings { get; }

    public Reconciler Reconciler { get; }

    /// <summary>Namespaces, written <c>child</c> or <c>child&lt;parent</c>.</summary>
    public Forest With(params ReadOnlySpan<string> namespaces)
    {
        foreach (var text in namespaces)
        {
            var parts = text.Split('<');
            User.CreateNamespace(parts[0]);
            if (parts.Length > 1)
                SetParent(parts[0], parts[1]);
        }
        return this;
    }

    public void SetParent(string ns, string parent)
    {
        var spec = Json.Parse($$$"""{"spec": {"parent": "{{{parent}}}"}}""");
        if (Server.Read(Kinds.HierarchyConfiguration, ns, "hierarchy") is null)
            User.Create(Kinds.HierarchyConfiguration, ns, "hierarchy", (Json.Map)spec);
        else
            User.Patch(Kinds.HierarchyConfiguration, ns, "hierarchy", spec);
    }

    public void Anchor(string parent, string child) => User.Create(Kinds.SubnamespaceAnchor, parent, child, Json.Empty);

    public void SetMode(string resource, string mode)
    {
        var spec = Json.Parse($$$"""{"spec": {"resources": [{"resource": "{{{resource}}}", "mode": "{{{mode}}}"}]}}""");
        if (Server.Read(Kinds.HncConfiguration, "", "config") is null)
            User.Create(Kinds.HncConfiguration, "", "config", (Json.Map)spec);
        else
            User.Patch(Kinds.HncConfiguration, "", "config", spec);
    }

    public void Secret(string ns, string name = "s", string value = "v", string? exception = null) => User.CreateSecret(
        ns, name, [new("k", value)], exception?.Split('=', 2) is [var key, var word] ? [new(Vocabulary.Hnc.PropagatePrefix + key, word)] : null);

    public Task<Outcome> SweepAsync() => RunAsync(new Scope.Everything());

    public Task<Outcome> RunAsync(params Scope[] scopes) => Reconciler.RunAsync(scopes, dryRun: false, TestContext.Current.CancellationToken);

    /// <summary>What lies under a name in a namespace: <c>from eng</c> for a copy, <c>own</c>, or nothing.</summary>
    public string At(string ns, string name = "s", Kind? kind = null) => Server.Read(kind ?? Kinds.Secret, ns, name) switch
    {
        null => "",
        var read when read.Labels.TryGetValue(Vocabulary.Hnc.InheritedFrom, out var ancestor) => $"from {ancestor}",
        _ => "own",
    };

    /// <summary>The tree labels of a namespace as <c>name=depth</c>, sorted.</summary>
    public string Labels(string ns) => string.Join(' ', Server.Read(Kinds.Namespace, "", ns)!.Labels
        .Where(label => TreeLabels.IsDepth(label.Key)).Select(label => $"{label.Key[..^Vocabulary.Hnc.TreeDepthSuffix.Length]}={label.Value}").Order(StringComparer.Ordinal));

    /// <summary>The reasons of a namespace's conditions.</summary>
    public string Conditions(string ns) => Server.Body(Kinds.HierarchyConfiguration, ns, "hierarchy") is { } body
        ? string.Join(' ', ((body.MapOf("status")["conditions"] as Json.List)?.Items ?? []).OfType<Json.Map>().Select(condition => condition.TextOf("reason")))
        : "";

    public void Dispose() => Reconciler.Dispose();
}
