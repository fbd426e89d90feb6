using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Scenarios.Tests;

/// <summary>
/// Plays each scenario: the world before, settled; the event; the plan, which must be the one on record; the work; the world after. Then once more,
/// and nothing may be left to do. The same in memory and on a real control plane.
/// </summary>
public sealed class ScenarioTests(RealCluster cluster)
{
    /// <summary>The longest chain of mirrors in the corpus, and one run that finds nothing to do.</summary>
    private const int MaxChain = 4;

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
        using var reconciler = new Reconciler(stage.Door, scenario.Settings, TimeProvider.System);
        await stage.PerformAsync(scenario.Before);
        await SettleAsync(reconciler);
        await stage.PerformAsync(scenario.Event);

        var plan = await RunAsync(reconciler, dryRun: true);
        scenario.Record(Print(plan));
        Assert.Equal(scenario.Plan, Print(plan));

        // Whichever way a cell is come upon, it is the same cell: the columns together tell what the rows tell.
        var namespaces = await stage.Door.ListAsync(Kinds.Namespace, new ListScope(), keep: null, Cancellation);
        var columns = await reconciler.RunAsync([.. namespaces.Items.Select(ns => new Scope.Column(ns.Name))], dryRun: true, Cancellation);
        Assert.Empty(plan.Unread.Concat(columns.Unread));
        Assert.Equal(Keys(plan), Keys(columns));

        Assert.Equal(Acts(plan), Acts(await RunAsync(reconciler, dryRun: false)));
        await SettleAsync(reconciler);
        Assert.Empty(await stage.ViolationsAsync(scenario.After));
    }

    /// <summary>
    /// What was planned is what is done. What is made anew ends as a creation; and where a source is itself filled meanwhile, its mirrors are written for another
    /// reason than was planned.
    /// </summary>
    private static IEnumerable<string> Acts(Outcome outcome) => outcome.Cells.Where(cell => cell.Result != CellResult.Unchanged)
        .Select(cell => $"{(cell.Intent.Act == Act.Replace ? Act.Write : cell.Intent.Act)} {cell.Source} -> {cell.Place}").Distinct().Order(StringComparer.Ordinal);

    /// <summary>Works until there is nothing left to do: a chain of mirrors is filled link by link, by the events of what was written before.</summary>
    private static async Task SettleAsync(Reconciler reconciler)
    {
        for (var run = 0; run <= MaxChain; run++)
        {
            var outcome = await RunAsync(reconciler, dryRun: false);
            Assert.False(outcome.MustRetry, string.Join('\n', outcome.Cells));
            if (!outcome.Cells.Any(cell => cell.Result == CellResult.Done) && outcome.Hierarchy.IsEmpty)
                return;
        }
        Assert.Fail($"it does not come to rest within {MaxChain} runs");
    }

    private static Task<Outcome> RunAsync(Reconciler reconciler, bool dryRun) => reconciler.RunAsync([new Scope.Everything()], dryRun, Cancellation);

    private static string Print(Outcome plan)
    {
        var cells = plan.Cells.Where(cell => cell.Result != CellResult.Unchanged)
            .Select(cell => $"{cell.Intent.Act} {cell.Intent.Reason} {cell.Source} -> {cell.Place.Namespace}/{cell.Place.Name}"
                + (cell.Intent.Detail.Length > 0 ? $"\n    {cell.Intent.Detail}" : "") + (cell.Intent.Note.Length > 0 ? $"\n    {cell.Intent.Note}" : ""));
        var faults = plan.Faults.Select(fault => $"Fault {fault.Object}\n    {fault}");
        var tree = plan.Hierarchy.Select(change => $"Tree {change}");
        return string.Join('\n', cells.Concat(faults).Concat(tree).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Keys(Outcome outcome) => outcome.Cells.Where(cell => cell.Result != CellResult.Unchanged)
        .Select(cell => $"{cell.Intent.Act} {cell.Intent.Reason} {cell.Source} -> {cell.Place}").Distinct().Order(StringComparer.Ordinal);
}
