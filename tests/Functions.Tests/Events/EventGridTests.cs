using System.Net;
using Heliograph.Model;

namespace Heliograph.Functions.Tests.Events;

/// <summary>What Event Grid does beyond CloudEvents.</summary>
public sealed class EventGridTests
{
    private const string Validation =
        """[{"id":"1","topic":"/t","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-01-01T00:00:00Z","dataVersion":"2","data":{"validationCode":"512D38B6","validationUrl":"https://rp/"}}]""";

    private static readonly Hint Changed = CloudEventText.SourceChanged("Secret", "default", "registry");

    [Fact]
    public async Task A_subscription_is_validated_with_the_code_that_was_sent()
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.PostAsync("/api/events", Validation, "application/json", ("aeg-event-type", "SubscriptionValidation"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"validationResponse":"512D38B6"}""", await answer.Content.ReadAsStringAsync(TestApp.Cancellation));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("""[{"data":{"validationCode":""}}]""")]
    [InlineData("not json")]
    public async Task A_validation_without_a_code_is_none(string body)
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.PostAsync("/api/events", body, "application/json", ("aeg-event-type", "SubscriptionValidation"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("data.validationCode", await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_in_event_grids_own_schema_are_read()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });

        using var answer = await app.PostAsync("/api/events", $"[{Event(Changed.EventType, CloudEventText.Data(Changed))}]", "application/json", Notification);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task A_broken_event_in_event_grids_own_schema_is_refused_and_said_why()
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.PostAsync("/api/events", $"[{Event(Changed.EventType, "{}")}]", "application/json", Notification);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("event 1 of type dev.heliograph.object.changed: the event's data has no text \"object\"", await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(false, HttpStatusCode.Unauthorized)]
    public async Task Event_grid_is_asked_to_come_again_with_another_key_because_it_drops_what_is_unauthorized(bool isEventGrid, HttpStatusCode expected)
    {
        await using var app = await TestApp.StartAsync();
        app.Http.DefaultRequestHeaders.Clear();

        using var answer = await app.PostAsync(
            "/api/events?code=another", CloudEventText.Of(Changed), "application/cloudevents+json", isEventGrid ? [Notification] : []);

        Assert.Equal(expected, answer.StatusCode);
    }

    private static (string Name, string Value) Notification => ("aeg-event-type", "Notification");

    private static string Event(string type, string data) =>
        $$"""{"id":"1","topic":"/subscriptions/s/topics/t","subject":"/","eventType":"{{type}}","eventTime":"2026-01-01T00:00:00Z","metadataVersion":"1","dataVersion":"1","data":{{data}}}""";
}
