using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Cluster.Tests;

/// <summary>
/// What the real API server does with <c>managedFields</c>: the rule that drift is seen by (<see cref="FieldOwnership"/>), case by case. Each starts
/// with a Secret that somebody made and lets somebody do something to it.
/// </summary>
public sealed class OwnershipTests(RealCluster cluster)
{
    private const string Old = "b2xk";
    private const string New = "bmV3";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_we_create_is_all_ours()
    {
        var ns = await OursAsync();

        var ownership = await ReadAsync(ns);

        Assert.True(ownership.Known);
        Assert.Equal(["annotations/heliograph.dev/source", "data/a", "data/b", "labels/team"], ownership.Ours);
        Assert.Empty(ownership.Others);
    }

    [Fact]
    public async Task What_somebody_else_creates_is_all_theirs()
    {
        var ns = await TheirsAsync();

        var ownership = await ReadAsync(ns);

        Assert.Empty(ownership.Ours);
        Assert.Equal(["data/a", "data/b"], ownership.Others);
    }

    [Theory]
    [InlineData("merge-patch+json", """{"data":{"a":"bmV3"}}""")]
    [InlineData("strategic-merge-patch+json", """{"data":{"a":"bmV3"}}""")]
    [InlineData("json-patch+json", """[{"op":"replace","path":"/data/a","value":"bmV3"}]""")]
    [InlineData("merge-patch+json", """{"stringData":{"a":"new"}}""")]
    public async Task A_value_that_somebody_else_patches_becomes_theirs(string format, string patch)
    {
        var ns = await OursAsync();

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), patch, $"application/{format}");

        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task A_value_that_somebody_else_puts_becomes_theirs()
    {
        var ns = await OursAsync();

        await PutAsync(ns, $"\"a\":\"{New}\",\"b\":\"{Old}\"");

        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task A_value_that_somebody_else_puts_as_it_is_stays_ours()
    {
        var ns = await OursAsync();

        await PutAsync(ns, $"\"a\":\"{Old}\",\"b\":\"{Old}\",\"c\":\"{Old}\"");

        await OwnedAsync(ns, ours: ["data/a", "data/b"], others: ["data/c"]);
    }

    [Fact]
    public async Task A_value_that_somebody_else_changes_and_changes_back_stays_theirs()
    {
        var ns = await OursAsync();

        await PutAsync(ns, $"\"a\":\"{New}\",\"b\":\"{Old}\"");
        await PutAsync(ns, $"\"a\":\"{Old}\",\"b\":\"{Old}\"");

        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task A_key_that_somebody_else_removes_is_nobody_s()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), """{"data":{"a":null}}""", "application/merge-patch+json");

        await OwnedAsync(ns, ours: ["data/b"], others: []);
    }

    [Fact]
    public async Task A_key_that_somebody_else_adds_is_theirs()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), $$$"""{"data":{"c":"{{{New}}}"}}""", "application/merge-patch+json");

        await OwnedAsync(ns, ours: ["data/a", "data/b"], others: ["data/c"]);
    }

    [Fact]
    public async Task A_value_that_somebody_else_applies_as_it_is_counts_as_theirs_until_we_apply_it_too()
    {
        var ns = await OursAsync();

        await ApplyAsSomebodyElseAsync(ns, $"\"a\":\"{Old}\"");
        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{Old}\"", await VersionAsync(ns))));

        await OwnedAsync(ns, ours: ["data/a", "data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task When_we_have_lost_every_key_no_write_of_anybody_brings_them_back()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), $$$"""{"data":{"a":"{{{New}}}","b":"{{{New}}}"}}""", "application/merge-patch+json");
        // Up to 1.21 this makes the API server list all keys as ours, though nobody but kubectl wrote them.
        await cluster.CallAsync(HttpMethod.Patch, Path(ns), """{"metadata":{"labels":{"touched":"yes"}}}""", "application/merge-patch+json");

        await OwnedAsync(ns, ours: [], others: ["data/a", "data/b"]);
    }

    [Fact]
    public async Task What_we_wrote_over_every_key_of_somebody_else_stays_ours_only_if_we_apply_the_next_change()
    {
        var (put, applied) = (await TheirsAsync(), await TheirsAsync());
        foreach (var ns in (string[])[put, applied])
        {
            await SendAsync(Writing.Replace(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{New}\",\"b\":\"{New}\"", await VersionAsync(ns))));
            await OwnedAsync(ns, ours: ["data/a", "data/b"], others: []);
            Assert.True((await ReadAsync(ns)).IsAnyHollow);
        }

        await SendAsync(Writing.Replace(Kinds.Secret, put, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{New}\"", await VersionAsync(put))));
        await SendAsync(Writing.Apply(Kinds.Secret, applied, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{New}\"", await VersionAsync(applied))));

        // Up to 1.21 the API server gives kubectl all it lost, before it takes from it what this write changes.
        Assert.Equal((await ReadAsync(put)).IsAnyHollow ? ["data/a", "data/b"] : ["data/a"], Copied((await ReadAsync(put)).Ours));
        Assert.Equal(["data/a", "data/b"], Copied((await ReadAsync(applied)).Ours));
    }

    [Fact]
    public async Task When_we_have_lost_every_annotation_those_of_others_do_not_become_ours()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(
            HttpMethod.Patch, Path(ns), """{"metadata":{"annotations":{"heliograph.dev/source":"other","note":"mine"}}}""", "application/merge-patch+json");
        await cluster.CallAsync(HttpMethod.Patch, Path(ns), """{"metadata":{"labels":{"touched":"yes"}}}""", "application/merge-patch+json");

        Assert.Equal(["data/a", "data/b", "labels/team"], (await ReadAsync(ns)).Ours);
    }

    [Fact]
    public async Task After_our_apply_too_a_loss_of_every_key_is_a_loss()
    {
        var ns = await OursAsync();
        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{Old}\"", await VersionAsync(ns))));

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), $$$"""{"data":{"a":"{{{New}}}","b":"{{{New}}}"}}""", "application/merge-patch+json");
        await cluster.CallAsync(HttpMethod.Patch, Path(ns), """{"metadata":{"labels":{"touched":"yes"}}}""", "application/merge-patch+json");

        await OwnedAsync(ns, ours: [], others: ["data/a", "data/b"]);
    }

    [Fact]
    public async Task A_value_that_somebody_else_applies_by_force_becomes_theirs()
    {
        var ns = await OursAsync();

        await ApplyAsSomebodyElseAsync(ns, $"\"a\":\"{New}\"");

        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task An_annotation_of_ours_that_somebody_else_changes_leaves_us()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(
            HttpMethod.Patch, Path(ns), """{"metadata":{"annotations":{"heliograph.dev/source":"other"}}}""", "application/merge-patch+json");

        Assert.DoesNotContain("annotations/heliograph.dev/source", (await ReadAsync(ns)).Ours);
    }

    [Fact]
    public async Task Cleared_managed_fields_leave_nothing_known()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), """{"metadata":{"managedFields":[{}]}}""", "application/merge-patch+json");

        Assert.Equal(FieldOwnership.Unknown, await ReadAsync(ns));
    }

    [Fact]
    public async Task What_we_put_as_it_was_stays_theirs_and_what_we_change_becomes_ours()
    {
        var ns = await TheirsAsync();

        await SendAsync(Writing.Replace(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{New}\"", await VersionAsync(ns))));

        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task What_we_apply_is_ours_whoever_wrote_it_and_equal_values_belong_to_both()
    {
        var ns = await TheirsAsync();

        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{New}\"", await VersionAsync(ns))));

        await OwnedAsync(ns, ours: ["data/a", "data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task After_our_apply_a_value_that_somebody_else_changes_becomes_theirs_all_the_same()
    {
        var ns = await TheirsAsync();
        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{New}\"", await VersionAsync(ns))));

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), $$$"""{"data":{"b":"{{{Old}}}"}}""", "application/merge-patch+json");

        await OwnedAsync(ns, ours: ["data/a"], others: ["data/a", "data/b"]);
    }

    [Fact]
    public async Task What_we_patch_away_is_nobody_s()
    {
        var ns = await OursAsync();

        await SendAsync(Writing.Patch(Kinds.Secret, ns, "s", """{"data":{"a":null}}"""));

        await OwnedAsync(ns, ours: ["data/b"], others: []);
    }

    [Fact]
    public async Task What_we_take_back_by_patch_or_put_is_ours_again()
    {
        var ns = await OursAsync();

        await cluster.CallAsync(HttpMethod.Patch, Path(ns), $$$"""{"data":{"a":"{{{New}}}","b":"{{{New}}}"}}""", "application/merge-patch+json");
        await SendAsync(Writing.Patch(Kinds.Secret, ns, "s", $$$"""{"data":{"a":"{{{Old}}}"}}"""));
        await OwnedAsync(ns, ours: ["data/a"], others: ["data/b"]);
        await SendAsync(Writing.Replace(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{Old}\"", await VersionAsync(ns))));

        await OwnedAsync(ns, ours: ["data/a", "data/b"], others: []);
    }

    [Fact]
    public async Task A_key_we_applied_and_apply_no_more_goes()
    {
        var ns = await TheirsAsync();
        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"b\":\"{New}\",\"c\":\"{New}\"", await VersionAsync(ns))));

        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"b\":\"{New}\"", await VersionAsync(ns))));

        await OwnedAsync(ns, ours: ["data/b"], others: ["data/a"]);
    }

    [Fact]
    public async Task A_key_we_created_stays_when_we_apply_without_it()
    {
        var ns = await OursAsync();

        await SendAsync(Writing.Apply(Kinds.Secret, ns, "s", Writing.Secret("s", $"\"a\":\"{Old}\"", await VersionAsync(ns))));

        // Creations and applications are two entries of managedFields, even of one manager: only what was applied goes by not being applied.
        await OwnedAsync(ns, ours: ["data/a", "data/b"], others: []);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_makes_no_version()
    {
        var ns = await OursAsync();
        var before = await cluster.Admin.GetAsync(Kinds.Secret, ns, "s", ReadDepth.Metadata, Cancellation);

        var done = await SendAsync(Writing.Patch(Kinds.Secret, ns, "s", $$$"""{"data":{"a":"{{{Old}}}"}}"""));

        Assert.Equal(before!.ResourceVersion, done.ResourceVersion);
    }

    /// <summary>A Secret of ours with the keys a and b.</summary>
    private async Task<string> OursAsync()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateAsync(
            Kinds.Secret,
            ns,
            "s",
            Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{Old}\"", ""","labels":{"team":"a"},"annotations":{"heliograph.dev/source":"Secret/x/y"}"""));
        return ns;
    }

    /// <summary>A Secret of somebody else with the keys a and b.</summary>
    private async Task<string> TheirsAsync()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets?fieldManager=kubectl", Writing.Secret("s", $"\"a\":\"{Old}\",\"b\":\"{Old}\""));
        return ns;
    }

    private Task<string> PutAsync(string ns, string data) => cluster.CallAsync(HttpMethod.Put, Path(ns), Writing.Secret("s", data));

    private Task<string> ApplyAsSomebodyElseAsync(string ns, string data) => cluster.CallAsync(
        HttpMethod.Patch, $"/api/v1/namespaces/{ns}/secrets/s?fieldManager=argocd&force=true", Writing.Secret("s", data), "application/apply-patch+yaml");

    private async Task<WriteResult.Done> SendAsync(Write write) => Assert.IsType<WriteResult.Done>(await cluster.Admin.SendAsync(write, Cancellation));

    private async Task<string> VersionAsync(string ns) =>
        Writing.Version((await cluster.Admin.GetAsync(Kinds.Secret, ns, "s", ReadDepth.Metadata, Cancellation))!.ResourceVersion);

    private async Task<FieldOwnership> ReadAsync(string ns) =>
        (await cluster.Admin.GetAsync(Kinds.Secret, ns, "s", ReadDepth.Metadata, Cancellation))!.Ownership;

    /// <summary>Expects these owners of copied fields; metadata aside.</summary>
    private async Task OwnedAsync(string ns, string[] ours, string[] others)
    {
        var ownership = await ReadAsync(ns);
        Assert.Equal(ours, Copied(ownership.Ours));
        Assert.Equal(others, ownership.Others);
    }

    private static IEnumerable<string> Copied(IEnumerable<string> paths) => paths.Where(path => !FieldOwnership.IsMetadata(path));

    private static string Path(string ns) => $"/api/v1/namespaces/{ns}/secrets/s?fieldManager=kubectl";
}
