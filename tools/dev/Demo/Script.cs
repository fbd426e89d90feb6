using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Heliograph.Model;
using Spectre.Console;

namespace Heliograph.Dev.Demo;

/// <summary>The demonstration with nobody watching: every step is done, checked and told, with the time between cause and effect.</summary>
internal sealed class Script(Stage stage, CancellationToken cancellation)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly List<string> details = [];
    private int failed;

    /// <summary>Goes through all of it.</summary>
    /// <returns>How many steps failed.</returns>
    public async Task<int> PlayAsync()
    {
        await StepAsync("a certificate is issued", "its mirrors stand in the namespaces that its selector names", CertificateIssuedAsync);
        await StepAsync("somebody else's object", "is left alone, and the source is told of a conflict", ForeignObjectAsync);
        await StepAsync("a registry credential", "is pushed to two namespaces", RegistryAsync);
        await StepAsync("an object asks for it", "and is filled", RequestAsync);
        await StepAsync("a CA bundle", "for every helio- namespace", CaBundleAsync);
        await StepAsync("a source with a typo", "is reported, and nothing is mirrored", MistakeAsync);
        await StepAsync("the certificate is renewed", "every mirror follows", RenewalAsync);
        await StepAsync("a new namespace", "gets what is meant for it", NewNamespaceAsync);
        await StepAsync("a rule is narrowed", "mirrors that it no longer names go, others stay", NarrowedRuleAsync);
        await StepAsync("a mirror is edited by hand", "and put right", EditedByHandAsync);
        await StepAsync("a mirror is deleted by hand", "and comes back", DeletedByHandAsync);
        await StepAsync("a source is deleted", "its mirrors go, the foreign object stays", SourceDeletedAsync);
        await StepAsync("nothing happens", "nothing is written", NothingAsync);
        return failed;
    }

    private static ResourceRef In(string ns, ResourceRef source) => source with { Namespace = ns };

    private static ResourceRef[] In(ResourceRef source, params ReadOnlySpan<string> namespaces)
    {
        var places = new ResourceRef[namespaces.Length];
        for (var i = 0; i < namespaces.Length; i++)
            places[i] = In(namespaces[i], source);
        return places;
    }

    private async Task<TimeSpan?> CertificateIssuedAsync()
    {
        await stage.Samples.ApplyAsync("taken.yaml", cancellation);
        await stage.Samples.IssueCertificateAsync(cancellation);
        return await MirroredAsync(Names.Certificate, In(Names.Certificate, Names.Shop, Names.Billing));
    }

    private async Task<TimeSpan?> ForeignObjectAsync()
    {
        var before = Version(Names.Taken);
        var plan = await PlanAsync();
        var cell = plan.Cells.FirstOrDefault(cell => cell.Mirror == Names.Taken);
        Check(cell is { IsRefused: true, Reason: "Conflict" }, $"the plan says {cell?.Reason ?? "nothing"} of {Names.Taken}, and not Conflict");
        Check(stage.Journal.Now(Names.Taken)!.Annotations.Count == 0 && Version(Names.Taken) == before, $"{Names.Taken} was touched");
        Tell(cell!.Detail);
        return null;
    }

    private async Task<TimeSpan?> RegistryAsync()
    {
        await stage.Samples.ApplyAsync("registry.yaml", cancellation);
        return await MirroredAsync(Names.Registry, In(Names.Registry, Names.Shop, Names.Billing));
    }

    private async Task<TimeSpan?> RequestAsync()
    {
        var began = Stopwatch.GetTimestamp();
        await stage.Samples.ApplyAsync("asking.yaml", cancellation);
        await MirroredAsync(Names.Registry, [Names.Asking]);
        return Stopwatch.GetElapsedTime(began, stage.Journal.At(Names.Asking)!.Value);
    }

    private async Task<TimeSpan?> CaBundleAsync()
    {
        await stage.Samples.ApplyCaBundleAsync(cancellation);
        return await MirroredAsync(Names.CaBundle, In(Names.CaBundle, Names.Shop, Names.Billing, Names.Search, Names.Legacy));
    }

    private async Task<TimeSpan?> MistakeAsync()
    {
        await stage.Samples.ApplyAsync("mistake.yaml", cancellation);
        var plan = await PlanAsync();
        var fault = plan.Faults.FirstOrDefault(fault => fault.Object == Names.Mistake);
        Check(fault is not null, $"the plan reports nothing on {Names.Mistake}");
        Check(Absent(In(Names.Mistake, Names.Shop, Names.Billing)), "it was mirrored nevertheless");
        Tell($"{fault!.Annotation}: {fault.Problem}; {fault.Remedy}");
        return null;
    }

    private async Task<TimeSpan?> RenewalAsync()
    {
        await SeenAsync(Names.Certificate, await stage.Samples.RenewCertificateAsync(cancellation));
        return await MirroredAsync(Names.Certificate, In(Names.Certificate, Names.Shop, Names.Billing));
    }

    private async Task<TimeSpan?> NewNamespaceAsync()
    {
        await stage.AddNamespaceAsync(cancellation);
        var cause = new ResourceRef("Namespace", "", Names.Payments);
        var certificate = await MirroredAsync(Names.Certificate, In(Names.Certificate, Names.Payments), cause);
        var bundle = await MirroredAsync(Names.CaBundle, In(Names.CaBundle, Names.Payments), cause);
        return certificate > bundle ? certificate : bundle;
    }

    private async Task<TimeSpan?> NarrowedRuleAsync()
    {
        await SeenAsync(Names.CaBundle, await stage.Samples.NarrowCaBundleAsync($"{Names.Shop},{Names.Search}", cancellation));
        var took = await GoneAsync(In(Names.CaBundle, Names.Billing, Names.Legacy, Names.Payments), Names.CaBundle);
        await MirroredAsync(Names.CaBundle, In(Names.CaBundle, Names.Shop, Names.Search));
        return took;
    }

    private async Task<TimeSpan?> EditedByHandAsync()
    {
        var mirror = In(Names.Shop, Names.Certificate);
        var (before, began) = (Version(mirror), Stopwatch.GetTimestamp());
        await stage.Samples.EditByHandAsync(mirror, "tls.crt", cancellation);
        await ExpectAsync(
            () => Version(mirror) != before && stage.Journal.Now(mirror) is { Ownership.Others.IsEmpty: true }, $"{mirror} is still edited");
        await SameDataAsync(Names.Certificate, [mirror]);
        return Stopwatch.GetElapsedTime(began, stage.Journal.At(mirror)!.Value);
    }

    private async Task<TimeSpan?> DeletedByHandAsync()
    {
        var mirror = In(Names.Billing, Names.Registry);
        var (uid, began) = (stage.Journal.Now(mirror)?.Uid, Stopwatch.GetTimestamp());
        await stage.Samples.DeleteAsync(mirror, cancellation);
        await ExpectAsync(() => stage.Journal.Now(mirror) is { } again && again.Uid != uid, $"{mirror} has not come back");
        await SameDataAsync(Names.Registry, [mirror]);
        return Stopwatch.GetElapsedTime(began, stage.Journal.At(mirror)!.Value);
    }

    private async Task<TimeSpan?> SourceDeletedAsync()
    {
        await stage.Samples.DeleteAsync(Names.Certificate, cancellation);
        var took = await GoneAsync(In(Names.Certificate, Names.Shop, Names.Billing, Names.Payments), Names.Certificate);
        Check(stage.Journal.Now(Names.Taken) is { Annotations.Count: 0 }, $"{Names.Taken} was touched");
        return took;
    }

    private async Task<TimeSpan?> NothingAsync()
    {
        var mirrors = In(Names.Registry, Names.Shop, Names.Billing).Concat(In(Names.CaBundle, Names.Shop, Names.Search)).ToArray();
        var before = mirrors.Select(Version).ToArray();
        var done = await stage.Plans.ReadAsync(dryRun: false, cancellation);
        Check(done is not null, "the functions could not look at everything");
        var written = done!.Cells.Where(cell => Concerns(cell) && !cell.IsRefused && !cell.IsUpToDate).ToArray();
        Check(written.Length == 0, $"looking at everything changed {string.Join(", ", written.Select(cell => cell.Mirror))}");
        Check(before.SequenceEqual(mirrors.Select(Version)), "a mirror has another version");
        return null;
    }

    /// <summary>What belongs to others in somebody else's cluster is not judged here.</summary>
    private static bool Concerns(PlanCell cell) => Names.IsSample(cell.Source.Namespace);

    private async Task<Plan> PlanAsync() =>
        await stage.Plans.ReadAsync(dryRun: true, cancellation) ?? throw new StepFailedException("the functions do not tell their plan");

    private string? Version(ResourceRef place) => stage.Journal.Now(place)?.ResourceVersion;

    private bool Absent(IEnumerable<ResourceRef> places) => places.All(place => stage.Journal.Now(place) is null);

    /// <summary>Waits until the watch has told of a change; what it told before is no answer to it.</summary>
    private Task SeenAsync(ResourceRef place, string version) => ExpectAsync(() => Version(place) == version, $"the watch did not tell of {place}");

    /// <summary>Waits until mirrors say that they are copies of the source as it is now, and compares the payload.</summary>
    private async Task<TimeSpan?> MirroredAsync(ResourceRef source, ResourceRef[] places, ResourceRef? cause = null)
    {
        await ExpectAsync(
            () => stage.Journal.Now(source) is { } now && Array.TrueForAll(places, place => IsCopyOf(now, stage.Journal.Now(place))),
            () => $"not mirrored: {string.Join(", ", places.Where(place => !IsCopyOf(stage.Journal.Now(source), stage.Journal.Now(place))))}");
        var took = Since(cause ?? source, places);
        await SameDataAsync(source, places);
        return took;
    }

    private async Task<TimeSpan?> GoneAsync(ResourceRef[] places, ResourceRef cause)
    {
        await ExpectAsync(
            () => Absent(places), () => $"still there: {string.Join(", ", places.Where(place => stage.Journal.Now(place) is not null))}");
        return Since(cause, places);
    }

    private TimeSpan Since(ResourceRef cause, ResourceRef[] places)
    {
        var began = stage.Journal.At(cause)!.Value;
        return places.Max(place => Stopwatch.GetElapsedTime(began, Math.Max(began, stage.Journal.At(place)!.Value)));
    }

    private static bool IsCopyOf(Snapshot? source, Snapshot? mirror) =>
        source is not null && mirror is not null
        && mirror.Annotation(Vocabulary.Heliograph.SourceUid) == source.Uid
        && mirror.Annotation(Vocabulary.Heliograph.SourceVersion) == source.ResourceVersion;

    private async Task SameDataAsync(ResourceRef source, ResourceRef[] places)
    {
        var wanted = await stage.Samples.DataAsync(source, cancellation);
        foreach (var place in places)
        {
            var found = await stage.Samples.DataAsync(place, cancellation);
            Check(JsonNode.DeepEquals(wanted, found), $"{place} holds something else than {source}");
        }
    }

    private Task ExpectAsync(Func<bool> condition, string otherwise) => ExpectAsync(condition, () => otherwise);

    private async Task ExpectAsync(Func<bool> condition, Func<string> otherwise)
    {
        if (!await stage.Journal.BecomesAsync(condition, Patience, cancellation))
            throw new StepFailedException($"{otherwise()} after {Patience.TotalSeconds:0} s");
    }

    private static void Check(bool condition, string otherwise)
    {
        if (!condition)
            throw new StepFailedException(otherwise);
    }

    private async Task StepAsync(string what, string outcome, Func<Task<TimeSpan?>> play)
    {
        details.Clear();
        try
        {
            var took = await play();
            var time = took is { } span ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds,6:0.0} ms") : new string(' ', 9);
            AnsiConsole.MarkupLineInterpolated($"[green]✓[/] {time}  [bold]{what}[/]: {outcome}");
        }
        catch (Exception e) when (e is StepFailedException or Engine.ClusterException)
        {
            failed++;
            AnsiConsole.MarkupLineInterpolated($"[red]✗[/]            [bold]{what}[/]: {outcome} [red]— {e.Message}[/]");
        }
        foreach (var detail in details)
            AnsiConsole.MarkupLineInterpolated($"             [grey]{detail}[/]");
    }

    private void Tell(string detail) => details.Add(detail);

    private sealed class StepFailedException(string message) : Exception(message);
}
