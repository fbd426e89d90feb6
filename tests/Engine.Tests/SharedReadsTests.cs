using System.Threading.Channels;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Heliograph.Engine.Tests;

/// <summary>Many need the same objects at a time.</summary>
public sealed class SharedReadsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_while_they_are_read_gets_what_is_read_afterwards_together_with_all_others()
    {
        var server = new FakeApiServer(new FakeTimeProvider());
        var user = new FakeUser(server);
        user.CreateNamespace("eng");
        var slow = new SlowDoor(new FakeCluster(server));
        var lists = new SharedReads<Kind, Listing>(kind => slow.ListAsync(kind, new(Namespace: "eng", Depth: ReadDepth.Content), keep: null, CancellationToken.None));

        var first = lists.ReadAsync(Kinds.Secret, Cancellation);
        var others = Enumerable.Range(0, 20).Select(_ => lists.ReadAsync(Kinds.Secret, Cancellation)).ToArray();
        (await slow.NextAsync()).SetResult();
        Assert.Empty((await first).Items);
        user.CreateSecret("eng", "s", [new("k", "v")]);
        (await slow.NextAsync()).SetResult();
        Assert.All(await Task.WhenAll(others), read => Assert.Equal("s", Assert.Single(read.Items).Name));

        var elsewhere = lists.ReadAsync(Kinds.ConfigMap, Cancellation);
        (await slow.NextAsync()).SetResult();
        Assert.Empty((await elsewhere).Items);
        var later = lists.ReadAsync(Kinds.Secret, Cancellation);
        (await slow.NextAsync()).SetResult();
        Assert.NotNull(Assert.Single((await later).Items).Content);
        Assert.Equal(4, slow.Asked);
    }

    /// <summary>A list shows what is there when it is let go on.</summary>
    private sealed class SlowDoor(ICluster real) : PassingDoor(real)
    {
        private readonly Channel<TaskCompletionSource> asked = Channel.CreateUnbounded<TaskCompletionSource>();

        public int Asked { get; private set; }

        /// <summary>The next list, once it is asked for.</summary>
        public ValueTask<TaskCompletionSource> NextAsync() => asked.Reader.ReadAsync(Cancellation);

        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            Asked++;
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await asked.Writer.WriteAsync(turn, cancellation);
            await turn.Task;
            return await Real.ListAsync(kind, scope, keep, cancellation);
        }
    }
}
