using System.Globalization;
using Heliograph.Model;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Heliograph.Dev.Demo;

/// <summary>The demonstration with somebody watching: the mirror matrix as it is, and what happens, until Ctrl-C.</summary>
internal sealed class Show(Stage stage, Story story)
{
    private const int MaxColumns = 8;

    /// <summary>Lines that are not the list of what happened: title, matrix frame, headings, commands.</summary>
    private const int OtherLines = 18;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it must have been quiet before the plan is asked for again: it costs a look at everything.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan PlanAge = TimeSpan.FromSeconds(30);

    /// <summary>Applies the samples; then it is the user's turn.</summary>
    /// <returns>Which program ended by itself.</returns>
    public async Task<Processes.Death> PlayAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var planning = PlanAsync(end.Token);
        try
        {
            var showing = Console.IsOutputRedirected ? TellCommandsAsync(end.Token) : LiveAsync(end.Token);
            await ApplyAsync(cancellation);
            var death = await stage.Pair.Death.WaitAsync(cancellation);
            await end.CancelAsync();
            await showing;
            return death;
        }
        finally
        {
            await end.CancelAsync();
            await planning;
        }
    }

    /// <summary>A line of what happened, for a screen that shows lines alone.</summary>
    public static string Line(Happening one)
    {
        var took = one.Took is { } span ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds,7:0.0} ms  ") : new string(' ', 12);
        return string.Create(CultureInfo.InvariantCulture, $"{one.Time:HH:mm:ss.fff} {took}{(one.Mirror ? "→ " : "")}{one.What} {one.Verb}");
    }

    private async Task ApplyAsync(CancellationToken cancellation)
    {
        await stage.Samples.ApplyAsync("taken.yaml", cancellation);
        await stage.Samples.IssueCertificateAsync(cancellation);
        await stage.Samples.ApplyAsync("registry.yaml", cancellation);
        await stage.Samples.ApplyAsync("asking.yaml", cancellation);
        await stage.Samples.ApplyCaBundleAsync(cancellation);
        await stage.Samples.ApplyAsync("mistake.yaml", cancellation);
    }

    private IEnumerable<string> Commands()
    {
        if (stage.Cluster.Export is { } export)
            yield return export;
        yield return "kubectl -n helio-shop delete secret wildcard-tls";
        yield return "kubectl -n helio-platform annotate --overwrite configmap ca-bundle "
            + "reflector.v1.k8s.emberstack.com/reflection-auto-namespaces=helio-shop";
        yield return "kubectl -n helio-legacy annotate secret wildcard-tls heliograph.dev/adopt=true";
        if (stage.Cluster.IsOurs)
            yield return "kubectl create namespace helio-payments && kubectl label namespace helio-payments environment=production";
        yield return "./dev resync --dry-run";
    }

    /// <summary>Asks for the plan whenever something has happened and it is quiet again.</summary>
    private async Task PlanAsync(CancellationToken cancellation)
    {
        try
        {
            for (var known = -1; ;)
            {
                var revision = story.Revision;
                await Task.Delay(Quiet, cancellation);
                if (revision == known || revision != story.Revision)
                    continue;
                if (await stage.Plans.ReadAsync(dryRun: true, cancellation) is { } plan)
                {
                    TellNews(plan);
                    story.Plan = plan;
                }
                known = story.Revision;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The show is over.
        }
    }

    private void TellNews(Plan plan)
    {
        if (!Console.IsOutputRedirected)
            return;
        foreach (var line in Refusals(plan).Except(Refusals(story.Plan)))
            Console.WriteLine($"{DateTimeOffset.Now:HH:mm:ss.fff}             {line}");
    }

    private static IEnumerable<string> Refusals(Plan plan) =>
        plan.Cells.Where(cell => cell.IsRefused && Concerns(cell.Source))
            .Select(cell => $"✗ {Short(cell.Source)} → {Short(cell.Mirror)}: {cell.Reason}: {cell.Detail}")
            .Concat(plan.Faults.Where(fault => Concerns(fault.Object))
                .Select(fault => $"✗ {Short(fault.Object)}: {fault.Annotation}: {fault.Problem}; {fault.Remedy}"));

    private static bool Concerns(ResourceRef reference) => Names.IsSample(reference.Namespace);

    private static string Short(ResourceRef reference) => $"{reference.Namespace}/{reference.Name}";

    private Task TellCommandsAsync(CancellationToken cancellation)
    {
        Console.WriteLine(string.Join('\n', Commands().Prepend("Try next, in another terminal:")));
        return Task.CompletedTask;
    }

    private async Task LiveAsync(CancellationToken cancellation) =>
        await AnsiConsole.Live(Picture()).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async screen =>
        {
            for (var shown = -1; !cancellation.IsCancellationRequested;)
            {
                if (shown != story.Revision)
                {
                    shown = story.Revision;
                    screen.UpdateTarget(Picture());
                    screen.Refresh();
                }
                await Task.Delay(Frame, CancellationToken.None);
            }
        });

    private Rows Picture()
    {
        var plan = story.Plan;
        var refusals = Refusals(plan).ToArray();
        var matrix = story.Matrix();
        var rest = AnsiConsole.Profile.Height - OtherLines - matrix.Sources.Count - (2 * refusals.Length);
        var parts = new List<IRenderable>
        {
            new Markup($"[bold]heliograph[/] [grey]{Markup.Escape(stage.Cluster.Description)}; log: {Markup.Escape(stage.LogPath)}[/]"),
            Table(matrix),
        };
        parts.AddRange(refusals.Select(line => new Markup($"[yellow]{Markup.Escape(line)}[/]")));
        parts.Add(new Markup("\n[bold]What happened[/]"));
        parts.AddRange(story.Last(Math.Clamp(rest, 3, 20)).Select(one => new Markup(Markup.Escape(Line(one)), one.Mirror ? Color.Green : Color.Default)));
        parts.Add(new Markup("\n[bold]Try next, in another terminal[/] [grey](Ctrl-C here ends everything)[/]"));
        parts.AddRange(Commands().Select(command => new Markup($"  [blue]{Markup.Escape(command)}[/]")));
        return new Rows(parts);
    }

    private static Table Table(MatrixView matrix)
    {
        var columns = matrix.Namespaces.Take(MaxColumns).ToArray();
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        table.AddColumn(new TableColumn("[grey]source ╲ namespace[/]"));
        foreach (var ns in columns)
            table.AddColumn(new TableColumn(Markup.Escape(ns)).RightAligned().NoWrap());
        if (columns.Length < matrix.Namespaces.Count)
            table.AddColumn(new TableColumn($"[grey]+{matrix.Namespaces.Count - columns.Length}[/]"));
        foreach (var source in matrix.Sources)
        {
            var remark = matrix.Invalid.Contains(source) ? "[yellow]✗ Invalid[/]" : $"[grey]{source.Kind}[/]";
            table.AddRow([$"{Markup.Escape(Short(source))} {remark}", .. columns.Select(ns => Cell(matrix.Cells.GetValueOrDefault((source, ns))))]);
        }
        return table;
    }

    private static string Cell(CellView? cell) => cell switch
    {
        null => "[grey]·[/]",
        { Standing: CellStanding.Refused } => $"[yellow]✗ {Markup.Escape(cell.Reason)}[/]",
        { Standing: CellStanding.Stale } => "[red]…[/]",
        { Took: { } took } => string.Create(CultureInfo.InvariantCulture, $"[green]✓[/] {took.TotalMilliseconds:0.0} ms"),
        _ => "[green]✓[/]",
    };
}
