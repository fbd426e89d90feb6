using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Scenarios.Tests;

/// <summary>
/// Plays each scenario: the world before, settled; the event; the plan, which must be the one on record; the work; the world after. Then once more,
/// and nothing may be left to do. The same on the rules alone and on a real control plane.
/// </summary>
public sealed class ScenarioTests(RealCluster cluster)
{
    private static readonly EngineSettings Settings = new() { Kinds = Kinds.All };

    public static TheoryData<string> Names => [.. Scenario.Names];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task In_memory(string name) => await PlayAsync(new FakeStage(), Scenario.Load(name));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task On_a_real_control_plane(string name)
    {
        var stage = new RealStage(cluster);
        await stage.ResetAsync();
        await PlayAsync(stage, Scenario.Load(name));
    }

    private static async Task PlayAsync(Stage stage, Scenario scenario)
    {
        using var reconciler = new Reconciler(stage.Door, Settings, TimeProvider.System);
        await stage.PerformAsync(scenario.Before);
        await RunAsync(reconciler, dryRun: false);
        await stage.PerformAsync(scenario.Event);

        var plan = await RunAsync(reconciler, dryRun: true);
        scenario.Record(Print(plan));
        Assert.Equal(scenario.Plan, Print(plan));

        // Whichever way a cell is come upon, it is the same cell: the columns together tell what the rows tell.
        var namespaces = await stage.Door.ListAsync(Kinds.Namespace, new ListScope(), keep: null, Cancellation);
        var columns = await reconciler.RunAsync([.. namespaces.Items.Select(ns => new Scope.Column(ns.Name))], dryRun: true, Cancellation);
        Assert.Equal(Keys(plan), Keys(columns));

        var done = await RunAsync(reconciler, dryRun: false);
        Assert.False(done.MustRetry, string.Join('\n', done.Cells));
        Assert.Empty(await stage.ViolationsAsync(scenario.After));

        var again = await RunAsync(reconciler, dryRun: false);
        Assert.DoesNotContain(again.Cells, cell => cell.Result is CellResult.Done or CellResult.Retry);
    }

    private static Task<Outcome> RunAsync(Reconciler reconciler, bool dryRun) => reconciler.RunAsync([new Scope.Everything()], dryRun, Cancellation);

    private static string Print(Outcome plan)
    {
        var cells = plan.Cells.Where(cell => cell.Result != CellResult.Unchanged)
            .Select(cell => $"{cell.Intent.Act} {cell.Intent.Reason} {cell.Source} -> {cell.Place.Namespace}/{cell.Place.Name}"
                + (cell.Intent.Detail.Length > 0 ? $"\n    {cell.Intent.Detail}" : ""));
        var faults = plan.Faults.Select(fault => $"Fault {fault.Object}\n    {fault}");
        return string.Join('\n', cells.Concat(faults).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Keys(Outcome outcome) => outcome.Cells.Where(cell => cell.Result != CellResult.Unchanged)
        .Select(cell => $"{cell.Intent.Act} {cell.Intent.Reason} {cell.Source} -> {cell.Place}").Distinct().Order(StringComparer.Ordinal);
}
