using Heliograph.Engine.Tests.Trees;
using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Engine.Tests;

/// <summary>A run whose time is up tells what is left, whoever it waits for; one that is ended tells nothing.</summary>
public sealed class TimeTests : IDisposable
{
    private static readonly ResourceRef Late = new("Secret", "late", "s");

    private readonly Forest forest = new Forest().With("eng", "v1<eng", "late", "v2<late");
    private readonly CancellationTokenSource up = new();

    public TimeTests()
    {
        forest.Secret("eng", "first");
        forest.Secret("late");
    }

    public void Dispose()
    {
        up.Dispose();
        forest.Dispose();
    }

    [Fact]
    public async Task What_is_done_is_told_and_so_is_what_is_not()
    {
        using var reconciler = Waiting();

        var outcome = await reconciler.RunAsync(
            [new Scope.Row(new("Secret", "eng", "first")) { OtherMirrors = [] }, new Scope.Row(Late) { OtherMirrors = [new("Secret", "v2", "other")] }],
            dryRun: false, TestContext.Current.CancellationToken, up.Token);

        Assert.Equal("from eng", forest.At("v1", "first"));
        Assert.Equal(Late, Assert.IsType<Scope.Row>(Assert.Single(outcome.Unfinished)).Source);
        Assert.True(outcome is { HasLooked: true, MustRetry: true });
        Assert.Equal((Late, new CellRef(Late, new("Secret", "v2", "other"))), (Assert.Single(outcome.Undone.Rows), Assert.Single(outcome.Undone.Cells)));
    }

    [Fact]
    public async Task Of_a_sweep_the_sources_are_left_that_it_did_not_come_to()
    {
        using var reconciler = Waiting();

        var outcome = await reconciler.RunAsync([new Scope.Everything()], dryRun: false, TestContext.Current.CancellationToken, up.Token);

        Assert.Equal("from eng", forest.At("v1", "first"));
        Assert.Equal([Late], outcome.Undone.Rows);
    }

    [Fact]
    public async Task What_did_not_even_begin_is_left_too()
    {
        using var reconciler = Waiting();
        await up.CancelAsync();

        var outcome = await reconciler.RunAsync([new Scope.Column("v1"), new Scope.Column("v2")], dryRun: false, TestContext.Current.CancellationToken, up.Token);

        Assert.True(outcome is { HasLooked: false, MustRetry: true, Unfinished.Length: 2 });
        Assert.Equal(["v1", "v2"], outcome.Undone.Columns.Order());
    }

    [Fact]
    public async Task A_run_that_is_ended_has_no_outcome()
    {
        using var reconciler = Waiting();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reconciler.RunAsync([new Scope.Row(Late) { OtherMirrors = [] }], dryRun: false, up.Token));
    }

    /// <summary>Time is up when the late source's name is asked for, which is never answered.</summary>
    private Reconciler Waiting() => new(
        new FakeCluster(forest.Server, gate: async (request, cancellation) =>
        {
            if (request.Verb == ApiVerb.List && request.Name == Late.Name)
            {
                await up.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            return Fate.Pass;
        }),
        forest.Settings, TimeProvider.System);
}
