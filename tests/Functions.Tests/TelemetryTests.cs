using Heliograph.Engine;
using Heliograph.Functions.Telling;
using Heliograph.Rules;

namespace Heliograph.Functions.Tests;

/// <summary>The counters, as somebody sees them who begins to collect after the start.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task Every_reason_and_every_result_is_there_at_zero_from_the_start()
    {
        await using var app = await TestApp.StartAsync();

        var measured = app.Measure();

        foreach (var reason in Enum.GetValues<Reason>())
        {
            foreach (var result in Enum.GetValues<CellResult>())
                Assert.Equal(0, measured[$"heliograph.functions.cells reason={reason} result={result}"]);
        }
        foreach (var fate in Enum.GetValues<NoticeFate>())
            Assert.Equal(0, measured[$"heliograph.functions.notices fate={fate}"]);
        foreach (var answer in Enum.GetValues<EventsAnswer>())
            Assert.Equal(0, measured[$"heliograph.functions.events type=dev.heliograph.sync.completed answer={answer}"]);
        Assert.Equal(0, measured["heliograph.functions.faults"]);
        Assert.Equal(0, measured["heliograph.functions.drift"]);
    }

    [Fact]
    public async Task No_caller_can_make_series_without_end()
    {
        await using var app = await TestApp.StartAsync();
        var before = app.Measure().Count;

        for (var i = 0; i < 50; i++)
            (await app.PostAsync("/api/events", Events.CloudEventText.Of($"com.example.{i}", "{}"))).Dispose();

        Assert.Equal(before, app.Measure().Count);
        Assert.Equal(50, app.Measure()["heliograph.functions.events type=unknown answer=Done"]);
    }
}
