using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Engine.Tests;

/// <summary>A source that goes leaves its place to the next, also under a name that neither of them bears. The simulation found that nobody took it up.</summary>
public sealed class SuccessionTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly FakeApiServer server;
    private readonly FakeUser user;
    private readonly Reconciler reconciler;

    public SuccessionTests()
    {
        server = new FakeApiServer(clock);
        user = new FakeUser(server);
        foreach (var ns in new[] { "one", "target", "two" })
            user.CreateNamespace(ns);
        reconciler = new Reconciler(new FakeCluster(server), new EngineSettings(), clock);
    }

    public void Dispose() => reconciler.Dispose();

    [Fact]
    public async Task A_place_that_is_left_to_another_source_is_taken_up()
    {
        PushBoth(mirrorName: "x");
        var first = new ResourceRef("Secret", "one", "registry");
        var mirror = new ResourceRef("Secret", "target", "x");
        await reconciler.RunAsync([new Scope.Row(first)], dryRun: false, TestContext.Current.CancellationToken);
        user.Delete(Kinds.Secret, "one", "registry");

        await reconciler.RunAsync([new Scope.Row(first) { OtherMirrors = [mirror] }], dryRun: false, TestContext.Current.CancellationToken);

        Assert.Equal("Secret/two/registry", server.Read(Kinds.Secret, "target", "x")!.Annotation(Vocabulary.Heliograph.Source));
    }

    [Fact]
    public async Task A_place_that_is_left_to_a_source_that_goes_meanwhile_is_cleared()
    {
        PushBoth();
        var scope = new Scope.Row(new ResourceRef("Secret", "one", "registry")) { OtherMirrors = [] };
        await reconciler.RunAsync([scope], dryRun: false, TestContext.Current.CancellationToken);
        user.Annotate(Kinds.Secret, "one", "registry", Vocabulary.Heliograph.PushTo, null);
        using var interrupted = new Reconciler(new FakeCluster(server, gate: (request, _) =>
        {
            if (request is { Verb: ApiVerb.Get, Namespace: "two" } && server.Read(Kinds.Secret, "two", "registry") is not null)
                user.Delete(Kinds.Secret, "two", "registry");
            return ValueTask.FromResult(Fate.Pass);
        }), new EngineSettings(), clock);

        await interrupted.RunAsync([scope], dryRun: false, TestContext.Current.CancellationToken);

        Assert.Null(server.Read(Kinds.Secret, "target", "registry"));
    }

    [Fact]
    public async Task A_place_whose_source_cannot_say_its_mirrors_name_any_more_is_not_taken_from_it()
    {
        PushBoth(mirrorName: "x");
        await reconciler.RunAsync([new Scope.Everything()], dryRun: false, TestContext.Current.CancellationToken);
        user.Annotate(Kinds.Secret, "one", "registry", Vocabulary.Heliograph.Name, "No Name");

        await reconciler.RunAsync([new Scope.Everything()], dryRun: false, TestContext.Current.CancellationToken);

        Assert.Equal("Secret/one/registry", server.Read(Kinds.Secret, "target", "x")!.Annotation(Vocabulary.Heliograph.Source));
    }

    [Fact]
    public async Task A_place_that_an_heir_could_not_take_is_cleared_when_the_heir_goes()
    {
        user.CreateSecret("one", "registry", [new("key", "1")], annotations: [new(Vocabulary.Heliograph.PushTo, "target")]);
        await RunAsync("one");
        user.SetSecretKey("target", "registry", "own", "x");
        user.Delete(Kinds.Secret, "one", "registry");
        user.CreateSecret("two", "registry", [new("key", "2")], annotations: [new(Vocabulary.Replicator.ReplicateTo, "target")], type: "example.com/other");
        await RunAsync("two");
        Assert.Equal("Secret/one/registry", server.Read(Kinds.Secret, "target", "registry")!.Annotation(Vocabulary.Heliograph.Source));
        user.Delete(Kinds.Secret, "two", "registry");

        await RunAsync("two");

        Assert.Null(server.Read(Kinds.Secret, "target", "registry"));

        Task<Outcome> RunAsync(string ns) => reconciler.RunAsync(
            [new Scope.Row(new ResourceRef("Secret", ns, "registry")) { OtherMirrors = [] }], dryRun: false, TestContext.Current.CancellationToken);
    }

    /// <summary>Two sources of one name, one in each namespace, both for the third.</summary>
    private void PushBoth(string? mirrorName = null)
    {
        List<KeyValuePair<string, string>> annotations = [new(Vocabulary.Heliograph.PushTo, "target")];
        if (mirrorName is not null)
            annotations.Add(new(Vocabulary.Heliograph.Name, mirrorName));
        foreach (var ns in new[] { "one", "two" })
            user.CreateSecret(ns, "registry", [new("key", ns)], annotations);
    }
}
