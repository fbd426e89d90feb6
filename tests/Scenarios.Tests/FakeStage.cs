using System.Text.Json.Nodes;
using Heliograph.Engine;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Scenarios.Tests;

/// <summary>The rules and the engine alone, on an API server in memory.</summary>
internal sealed class FakeStage : Stage
{
    private readonly FakeApiServer server;
    private readonly FakeUser user;
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeStage()
    {
        server = new FakeApiServer(clock, additional: ServedKinds.Additional);
        user = new FakeUser(server);
        Door = new FakeCluster(server);
        foreach (var ns in Namespaces)
            user.CreateNamespace(ns);
    }

    public override ICluster Door { get; }

    protected override Task PutAsync(Kind kind, string ns, string name, JsonObject manifest)
    {
        // Who is older decides between rivals, and the API server counts in seconds.
        clock.Advance(TimeSpan.FromSeconds(1));
        if (server.Read(kind, ns, name) is null)
            Created(server.Handle(new ApiRequest(ApiVerb.Create, kind, ns, name, Json.Parse(manifest.ToJsonString()), "kubectl-create")));
        else
            user.Patch(kind, ns, name, manifest.ToJsonString());
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(Kind kind, string ns, string name)
    {
        user.Delete(kind, ns, name);
        return Task.CompletedTask;
    }

    protected override Task<JsonObject?> ReadAsync(Kind kind, string ns, string name) =>
        Task.FromResult(server.Body(kind, ns, name) is { } body ? JsonNode.Parse(body.ToUtf8())!.AsObject() : null);

    private static void Created(ApiResponse response) => Assert.True(response.Succeeded, $"{response.StatusCode} {response.Reason}");
}
