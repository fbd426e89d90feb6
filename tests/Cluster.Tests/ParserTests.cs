using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Heliograph.Engine;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Cluster.Tests;

/// <summary>Lists in pieces, watches as time goes by, statuses that lie.</summary>
public sealed class ParserTests
{
    private const string List = """
        {"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"42","continue":"to\"ken","remainingItemCount":3,"x":[1]},
         "items":[{"metadata":{"name":"a","namespace":"n","annotations":{"k":"v]}\"{["}}}, {"kind":"x","metadata":{"name":"b","namespace":"m"},"data":{"a":[{}]}}],
         "later":{"items":[{"metadata":{"name":"c"}}]}}

        """;

    [Fact]
    public void A_list_reads_the_same_however_it_is_cut() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(
            Gen.Choose(1, Encoding.UTF8.GetByteCount(List) - 1).ListOf().ToArbitrary(),
            cuts =>
            {
                var parser = Parse(Encoding.UTF8.GetBytes(List), cuts);
                return parser is { IsComplete: true, ResourceVersion: "42", Continue: "to\"ken" }
                    && parser.Objects.Select(o => $"{o.Namespace}/{o.Name}").SequenceEqual(["n/a", "m/b"])
                    && parser.Objects[0].Annotation("k") == "v]}\"{[";
            }));

    [Fact]
    public void A_list_that_breaks_off_anywhere_is_not_complete()
    {
        var whole = Encoding.UTF8.GetBytes(List.TrimEnd());
        for (var length = 0; length < whole.Length; length++)
        {
            var isComplete = true;
            try
            {
                isComplete = Parse(whole[..length], []).IsComplete;
            }
            catch (JsonException)
            {
                isComplete = false;
            }
            Assert.False(isComplete, string.Create(CultureInfo.InvariantCulture, $"after {length} bytes"));
        }
        Assert.True(Parse(whole, []).IsComplete);
    }

    [Theory]
    [InlineData("""{"items":null,"metadata":{"resourceVersion":"1"}}""", true)]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":[]}""", true)]
    [InlineData("""{"metadata":{"resourceVersion":"1"}}""", false)]
    [InlineData("""{"items":[]}""", false)]
    [InlineData("{}", false)]
    public void Only_what_has_items_and_a_version_is_a_list(string json, bool isComplete) =>
        Assert.Equal(isComplete, Parse(Encoding.UTF8.GetBytes(json), []).IsComplete);

    [Fact]
    public void A_status_gives_words_numbers_and_field_paths_and_nothing_else()
    {
        var status = StatusReader.Read("""
            {"kind":"Status","metadata":{"continue":"x"},"status":"Failure","message":"secret","reason":"Invalid","code":422,
             "details":{"name":"n","retryAfterSeconds":3,"causes":[
               {"reason":"FieldValueInvalid","message":"secret","field":"data[tls.crt]"},
               {"reason":"not a word","message":"secret","field":"data[tls.crt]"},
               {"reason":"FieldValueForbidden","field":"metadata.annotations[a/b]"},
               {"field":"type: Invalid value: \"secret\""}, {"field":7,"reason":[]}, {}]}}
            """u8);

        Assert.Equal(("Invalid", 422, 3), (status.Reason, status.Code, status.RetryAfterSeconds));
        Assert.Equal(["data[tls.crt]", "metadata.annotations[a/b]"], status.Fields);
        Assert.Equal(["FieldValueInvalid", "FieldValueForbidden"], status.Causes);
    }

    [Theory]
    [InlineData("type", true)]
    [InlineData(".data.key", true)]
    [InlineData("data[tls.crt]", true)]
    [InlineData("subjects[0].name", true)]
    [InlineData("metadata.labels", true)]
    [InlineData("", false)]
    [InlineData("<nil>", false)]
    [InlineData("data[a", false)]
    [InlineData("data]a[", false)]
    [InlineData("data[a[b]]", false)]
    [InlineData("data[a b]", false)]
    [InlineData("data: value", false)]
    [InlineData("data=value", false)]
    [InlineData("data/key", false)]
    [InlineData("0abc", false)]
    [InlineData("dätä", false)]
    public void A_field_path_is_told_from_anything_that_may_hold_a_value(string text, bool isPath) =>
        Assert.Equal(isPath, StatusReader.IsFieldPath(text));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"reason\":{\"reason\":\"Deep\"},\"details\":[],\"code\":\"x\"}")]
    [InlineData("{\"details\":{\"causes\":{},\"retryAfterSeconds\":\"9\"}}")]
    [InlineData("{\"reason\":\"Inv")]
    public void What_is_no_status_says_nothing(string json) => Assert.Equal(ApiStatus.None, StatusReader.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public async Task Every_line_of_a_watch_is_a_sign_of_life_and_silence_is_counted_from_the_last()
    {
        var time = new FakeTimeProvider();
        var pipe = new System.IO.Pipelines.Pipe();
        var watch = new WatchStream("watch secrets", Kinds.Secret, TimeSpan.FromSeconds(60), time)
            .ReadAsync(pipe.Reader.AsStream(), TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        for (var version = 1; version <= 3; version++)
        {
            var next = watch.MoveNextAsync().AsTask();
            time.Advance(TimeSpan.FromSeconds(59));
            await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"type\":\"BOOKMARK\",\"object\":{{\"metadata\":{{\"resourceVersion\":\"{version}\"}}}}}}\n"));
            Assert.True(await next);
            Assert.Equal(new WatchLine.Bookmark(version.ToString(CultureInfo.InvariantCulture)), watch.Current);
            // What the caller does with a line is not the server's silence.
            time.Advance(TimeSpan.FromHours(1));
        }
        var last = watch.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal("Silent", (await Assert.ThrowsAsync<ClusterException>(() => last)).Failure.Reason);
        await watch.DisposeAsync();

        async Task WriteAsync(string text)
        {
            foreach (var part in text.Chunk(17))
                await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(part), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_watch_line_may_lie_in_pieces()
    {
        var text = """{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7","labels":{"l":"vä"}}}}"""u8.ToArray();
        for (var cut = 1; cut < text.Length; cut++)
        {
            var added = Assert.IsType<WatchLine.Added>(WatchLineReader.Read(Pieces(text, cut), Kinds.Secret)).Object;
            Assert.Equal(("a", "n", "u", "7", "vä"), (added.Name, added.Namespace, added.Uid, added.ResourceVersion, added.Labels["l"]));
        }
    }

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, int cut)
    {
        var first = new Piece(bytes.AsMemory(0, cut), null);
        var last = new Piece(bytes.AsMemory(cut), first);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static ListParser Parse(byte[] bytes, IEnumerable<int> cuts)
    {
        var parser = new ListParser(Kinds.Secret, withContent: false);
        var start = 0;
        foreach (var end in cuts.Order().Append(bytes.Length))
            start += parser.Read(bytes.AsSpan(start, end - start), isLast: end == bytes.Length);
        return parser;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
