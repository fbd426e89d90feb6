using Xunit;

namespace Heliograph.Engine.Tests;

public sealed class SharedRunTests
{
    private readonly List<TaskCompletionSource<int>> begun = [];
    private readonly SharedRun<int> run;

    public SharedRunTests() => run = new SharedRun<int>(() =>
    {
        begun.Add(new TaskCompletionSource<int>());
        return begun[^1].Task;
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_while_it_is_done_shares_what_begins_afterwards()
    {
        var first = run.AskAsync(Cancellation);
        var (second, third) = (run.AskAsync(Cancellation), run.AskAsync(Cancellation));
        Assert.Single(begun);

        begun[0].SetResult(1);
        Assert.Equal(1, await first);
        Assert.Equal(2, begun.Count);
        begun[1].SetResult(2);

        Assert.Equal((2, 2), (await second, await third));
        Assert.Equal(2, begun.Count);
    }

    [Fact]
    public async Task Who_asks_afterwards_has_it_done_anew()
    {
        var first = run.AskAsync(Cancellation);
        begun[0].SetResult(1);
        await first;

        var second = run.AskAsync(Cancellation);
        begun[1].SetResult(2);

        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task A_failure_is_told_to_those_who_waited_for_it_and_to_nobody_else()
    {
        var first = run.AskAsync(Cancellation);
        var second = run.AskAsync(Cancellation);
        begun[0].SetException(new InvalidDataException());

        await Assert.ThrowsAsync<InvalidDataException>(() => first);
        begun[1].SetResult(2);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task Who_gives_up_ends_nothing_for_the_others()
    {
        using var impatience = new CancellationTokenSource();
        var first = run.AskAsync(impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = run.AskAsync(Cancellation);
        Assert.Single(begun);
        begun[0].SetResult(1);
        begun[1].SetResult(2);

        Assert.Equal(2, await second);
    }
}
