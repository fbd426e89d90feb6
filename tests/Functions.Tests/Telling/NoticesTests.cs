using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Functions.Tests.Telling;

/// <summary>What a run has to tell, as notices; and a notice as an Event.</summary>
public sealed class NoticesTests
{
    private static readonly ResourceRef Source = new("Secret", "default", "registry");
    private static readonly Bearer SourceBearer = new(Source, "source-uid");

    [Fact]
    public void One_refusal_is_told_in_its_own_words()
    {
        var notice = Assert.Single(Of(Refused("team-a", Reason.Conflict, "Secret/team-a/registry exists")));

        Assert.Equal(new Notice(SourceBearer, Reason.Conflict, "Secret/team-a/registry exists"), notice);
    }

    [Fact]
    public void Nine_hundred_refusals_of_one_source_are_one_notice_with_a_count_and_the_first_names()
    {
        var cells = Enumerable.Range(0, 900).Select(i => $"team-{i:000}").Reverse()
            .Select(ns => Refused(ns, Reason.Conflict, $"Secret/{ns}/registry exists and is not a mirror"));

        var notice = Assert.Single(Of([.. cells]));

        Assert.Equal(
            "in 900 namespaces (team-000, team-001, team-002, team-003, team-004 and 895 more): Secret/<namespace>/registry exists and is not a mirror",
            notice.Message);
    }

    [Fact]
    public void The_same_refusals_in_any_order_are_the_same_event()
    {
        CellOutcome[] cells = [Refused("a", Reason.Conflict, "a exists"), Refused("b", Reason.Conflict, "b exists"), Refused("c", Reason.Conflict, "x is older")];

        var (one, other) = (Assert.Single(Of(cells)), Assert.Single(Of([.. cells.Reverse()])));

        Assert.Equal("in 2 namespaces (a, b): <namespace> exists; x is older", one.Message);
        Assert.Equal((one.Message, one.EventName), (other.Message, other.EventName));
    }

    [Fact]
    public void Different_reasons_are_different_notices()
    {
        var notices = Of(
            Refused("a", Reason.Conflict, "exists"),
            Refused("b", Reason.NotAccepted, "not accepted"),
            Refused("c", Reason.Missing, "", new Failure(FailureKind.NotAllowed, "create Secret c/registry", 403, "Forbidden")));

        Assert.Equal(
            [(Reason.Conflict, "exists"), (Reason.NotAccepted, "not accepted"), (Reason.Refused, "create Secret c/registry: 403 Forbidden")],
            notices.Select(notice => (notice.Reason, notice.Message)));
    }

    [Fact]
    public void Many_refusals_of_the_api_server_are_one_notice()
    {
        var cells = Enumerable.Range(0, 30).Select(i => $"n{i:00}")
            .Select(ns => Refused(ns, Reason.Missing, "", new Failure(FailureKind.NotAllowed, $"create Secret {ns}/registry", 403, "Forbidden")));

        Assert.Equal(
            "in 30 namespaces (n00, n01, n02, n03, n04 and 25 more): create Secret <namespace>/registry: 403 Forbidden",
            Assert.Single(Of([.. cells])).Message);
    }

    [Fact]
    public void No_message_is_longer_than_the_api_server_takes()
    {
        var cells = Enumerable.Range(0, 20).Select(i => Refused($"n{i}", Reason.Conflict, $"reason {i} " + new string('x', 300)));

        var notice = Assert.Single(Of([.. cells]));

        Assert.Equal(Notice.MaxMessage, notice.Message.Length);
        Assert.EndsWith("…", notice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_mirror_it_is_said_of_which_source_one_speaks()
    {
        var place = new ResourceRef("Secret", "team-a", "copy");
        var cell = new CellOutcome(Source, place, new Intent(Act.Refuse, Reason.NotPermitted, "no pattern matches team-a"), CellResult.Refused) { Bearer = new(place, "mirror-uid") };

        Assert.Equal(new Notice(new(place, "mirror-uid"), Reason.NotPermitted, "Secret/default/registry: no pattern matches team-a"), Assert.Single(Of(cell)));
    }

    [Fact]
    public void A_fault_is_told_once_on_its_object_and_not_again_by_what_it_freezes()
    {
        var fault = new Fault(Source, "an/annotation", "it is wrong", "make it right") { Uid = "source-uid" };
        var place = new ResourceRef("Secret", "team-a", "copy");

        var notices = Notices.Of(new Outcome
        {
            Faults = [fault, fault],
            Cells =
            [
                Refused("a", Reason.Invalid, fault.ToString()), Refused("b", Reason.Invalid, fault.ToString()),
                new CellOutcome(Source, place, new Intent(Act.Refuse, Reason.Invalid, fault.ToString()), CellResult.Refused) { Bearer = new(place, "mirror-uid") },
            ],
        });

        Assert.Equal(
            [
                new Notice(SourceBearer, Reason.Invalid, "an/annotation: it is wrong; make it right"),
                new Notice(new(place, "mirror-uid"), Reason.Invalid, "Secret/default/registry: an/annotation: it is wrong; make it right"),
            ],
            notices);
    }

    /// <summary>A fault of its own does not silence what a source is refused for another's.</summary>
    [Fact]
    public void What_somebody_elses_annotation_freezes_is_told_although_the_source_has_a_fault()
    {
        var fault = new Fault(Source, "an/annotation", "it is wrong", "make it right") { Uid = "source-uid" };

        var notices = Notices.Of(new Outcome { Faults = [fault], Cells = [Refused("a", Reason.Invalid, "namespace a: its/annotation: it is wrong")] });

        Assert.Equal(
            [
                new Notice(SourceBearer, Reason.Invalid, "an/annotation: it is wrong; make it right"),
                new Notice(SourceBearer, Reason.Invalid, "namespace a: its/annotation: it is wrong"),
            ],
            notices);
    }

    [Fact]
    public void What_a_mirror_lacks_is_told_although_nothing_was_refused()
    {
        const string Note = "owner references: not copied to x: Pod/p";
        CellOutcome Noted(string ns, CellResult result) =>
            new(Source, Source with { Namespace = ns }, new Intent(Act.Write, Reason.Missing) { Note = Note.Replace("x", ns, StringComparison.Ordinal) }, result) { Bearer = SourceBearer };

        Assert.Equal(
            [new Notice(SourceBearer, Reason.Incomplete, "in 2 namespaces (a, b): owner references: not copied to <namespace>: Pod/p")],
            Of(Noted("a", CellResult.Done), Noted("b", CellResult.Unchanged), Noted("c", CellResult.Planned), Noted("d", CellResult.Retry)));
    }

    [Fact]
    public void What_is_well_or_will_be_tried_again_is_not_told()
    {
        var intent = new Intent(Act.Write, Reason.Missing);
        Assert.Empty(Of(
            new(Source, Source with { Namespace = "a" }, intent, CellResult.Done),
            new(Source, Source with { Namespace = "b" }, intent, CellResult.Retry, new Failure(FailureKind.NotNow, "create", 429, "TooManyRequests")),
            new(Source, Source with { Namespace = "c" }, new(Act.Keep, Reason.UpToDate), CellResult.Unchanged)));
    }

    [Theory]
    [InlineData("Secret/team-a/registry exists in team-a", "Secret/<namespace>/registry exists in <namespace>")]
    [InlineData("the pattern \"team-a\" and team-ab, x.team-a, my-team-a", "the pattern \"team-a\" and team-ab, x.team-a, my-team-a")]
    [InlineData("team-a", "<namespace>")]
    [InlineData("", "")]
    public void A_namespace_is_found_as_a_whole_word_and_not_in_what_somebody_wrote(string sentence, string general) =>
        Assert.Equal(general, Mentions.Generalise(sentence, "team-a"));

    [Fact]
    public void A_notice_as_an_event()
    {
        var notice = new Notice(new(new("Role", "team-a", "reader"), "the-uid"), Reason.Conflict, "a \"message\"");

        var write = notice.ToEvent(Kinds.Role, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)));

        Assert.Equal((WriteVerb.Create, "Event", "team-a", notice.EventName), (write.Verb, write.Kind.Name, write.Namespace, write.Name));
        using var json = JsonDocument.Parse(write.Body);
        Assert.Equal(
            """
            {"apiVersion":"v1","kind":"Event","metadata":{"namespace":"team-a","name":"NAME"},
            "involvedObject":{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","namespace":"team-a","name":"reader","uid":"the-uid"},
            "type":"Warning","reason":"Conflict","message":"a \u0022message\u0022","count":1,"firstTimestamp":"2026-01-02T02:04:05Z","lastTimestamp":"2026-01-02T02:04:05Z",
            "source":{"component":"heliograph"},"reportingComponent":"heliograph"}
            """.Replace("\n", "", StringComparison.Ordinal).Replace("NAME", notice.EventName, StringComparison.Ordinal),
            json.RootElement.GetRawText());
        Assert.Matches("^heliograph\\.[0-9a-f]{24}$", notice.EventName);
    }

    [Fact]
    public void An_event_on_a_namespace_lives_in_default_as_the_api_server_wants_it()
    {
        var write = new Notice(new(new("Namespace", "", "team-a"), "the-uid"), Reason.Invalid, "m").ToEvent(Kinds.Namespace, default);

        using var json = JsonDocument.Parse(write.Body);
        Assert.Equal("default", write.Namespace);
        Assert.False(json.RootElement.GetProperty("involvedObject").TryGetProperty("namespace", out _));
    }

    [Fact]
    public void Object_reason_and_message_make_the_name()
    {
        var notice = new Notice(SourceBearer, Reason.Conflict, "message");
        Notice[] all = [notice, notice with { Bearer = new(Source, "other-uid") }, notice with { Reason = Reason.Cycle }, notice with { Message = "Message" }];

        Assert.Equal(4, all.Select(one => one.EventName).Distinct().Count());
        Assert.Equal(notice.EventName, (notice with { Bearer = new(Source, "source-uid") }).EventName);
    }

    private static CellOutcome Refused(string ns, Reason reason, string detail, Failure? failure = null) =>
        new(Source, Source with { Namespace = ns }, new Intent(failure is null ? Act.Refuse : Act.Write, reason, detail), CellResult.Refused, failure) { Bearer = SourceBearer };

    private static ImmutableArray<Notice> Of(params CellOutcome[] cells) => Notices.Of(new Outcome { Cells = [.. cells] });
}
