using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Cluster.Tests;

/// <summary>Every verb on the real API server: what it does, and what it is refused for.</summary>
public sealed class WriteTests(RealCluster cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_object_is_there_and_the_answer_names_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        var done = await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", "\"a\":\"YQ==\""));

        var read = await cluster.Admin.GetAsync(Kinds.Secret, ns, "registry", ReadDepth.Content, Cancellation);

        Assert.NotNull(read);
        Assert.Equal((read.Uid, read.ResourceVersion), (done.Uid, done.ResourceVersion));
        Assert.Equal("YQ==", read.Content!.Entries("data").Single(entry => entry.Name == "a").Value.GetString());
        Assert.Equal("Opaque", read.Content.Text("type"));
        Assert.Equal(["data/a"], read.Ownership.Ours);
    }

    [Fact]
    public async Task Creating_what_exists_is_overtaken()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", ""));

        var failure = await RefusalAsync(Writing.Create(Kinds.Secret, ns, "registry", Writing.Secret("registry", "")));

        Assert.Equal((FailureKind.Overtaken, 409, "AlreadyExists"), (failure.Kind, failure.StatusCode, failure.Reason));
        Assert.Equal($"create Secret {ns}/registry: 409 AlreadyExists", failure.ToString());
    }

    [Fact]
    public async Task Creating_where_there_is_no_namespace_is_gone()
    {
        var failure = await RefusalAsync(Writing.Create(Kinds.Secret, "no-such-namespace", "registry", Writing.Secret("registry", "")));

        Assert.Equal((FailureKind.Gone, 404, "NotFound"), (failure.Kind, failure.StatusCode, failure.Reason));
    }

    [Fact]
    public async Task Creating_where_the_namespace_is_being_deleted_says_so()
    {
        var ns = await cluster.NewNamespaceAsync();
        // A finalizer keeps the namespace in this state until the test has looked.
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"holder","finalizers":["heliograph.dev/test"]}}""");
        await cluster.CallAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}");

        var failure = await RefusalAsync(Writing.Create(Kinds.Secret, ns, "registry", Writing.Secret("registry", "")));
        await cluster.CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/holder", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");

        Assert.Equal((FailureKind.NamespaceTerminating, 403, "NamespaceTerminating"), (failure.Kind, failure.StatusCode, failure.Reason));
    }

    [Fact]
    public async Task A_replacement_rests_on_the_version_that_was_read()
    {
        var ns = await cluster.NewNamespaceAsync();
        var created = await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", "\"a\":\"YQ==\""));
        var body = Writing.Secret("registry", "\"b\":\"Yg==\"", Writing.Version(created.ResourceVersion));

        var done = Assert.IsType<WriteResult.Done>(await cluster.Admin.SendAsync(Writing.Replace(Kinds.Secret, ns, "registry", body), Cancellation));
        var stale = await RefusalAsync(Writing.Replace(Kinds.Secret, ns, "registry", body));

        Assert.Equal(created.Uid, done.Uid);
        Assert.NotEqual(created.ResourceVersion, done.ResourceVersion);
        Assert.Equal((FailureKind.Overtaken, 409, "Conflict"), (stale.Kind, stale.StatusCode, stale.Reason));
        Assert.Equal(["data/b"], (await cluster.Admin.GetAsync(Kinds.Secret, ns, "registry", ReadDepth.Content, Cancellation))!.Content!.Paths(Kinds.Secret));
    }

    [Fact]
    public async Task Replacing_what_is_gone_is_gone()
    {
        var ns = await cluster.NewNamespaceAsync();

        // With a version, as ours always have: without one the API server would create it.
        var failure = await RefusalAsync(Writing.Replace(Kinds.Secret, ns, "registry", Writing.Secret("registry", "", Writing.Version("1"))));

        Assert.Equal((FailureKind.Gone, 404), (failure.Kind, failure.StatusCode));
    }

    [Fact]
    public async Task Another_type_is_never_accepted_and_the_field_is_named()
    {
        var ns = await cluster.NewNamespaceAsync();
        var created = await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", ""));

        var failure = await RefusalAsync(Writing.Replace(
            Kinds.Secret, ns, "registry", Writing.Secret("registry", "", Writing.Version(created.ResourceVersion), "example.com/other")));

        Assert.Equal((FailureKind.Never, 422, "Invalid"), (failure.Kind, failure.StatusCode, failure.Reason));
        Assert.Equal(["type"], failure.Fields);
    }

    [Fact]
    public async Task A_locked_object_is_never_changed_and_the_field_is_named()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CallAsync(
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets", """{"metadata":{"name":"registry"},"immutable":true,"data":{"tls.crt":"YQ=="}}""");

        var failure = await RefusalAsync(Writing.Patch(Kinds.Secret, ns, "registry", """{"data":{"tls.crt":"Yg=="}}"""));

        Assert.Equal((FailureKind.Never, 422), (failure.Kind, failure.StatusCode));
        Assert.Equal(["data"], failure.Fields);
    }

    [Fact]
    public async Task A_broken_body_is_never_accepted()
    {
        var ns = await cluster.NewNamespaceAsync();

        var failure = await RefusalAsync(Writing.Create(Kinds.Secret, ns, "registry", Writing.Secret("registry", "\"a\":\"no base64!\"")));

        Assert.Equal((FailureKind.Never, 400, "BadRequest"), (failure.Kind, failure.StatusCode, failure.Reason));
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_rests_on_a_version()
    {
        var ns = await cluster.NewNamespaceAsync();
        var created = await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", "\"a\":\"YQ==\",\"b\":\"Yg==\""));
        var body = $$$"""{"metadata":{"resourceVersion":"{{{created.ResourceVersion}}}"},"data":{"a":null,"c":"Yw=="}}""";

        Assert.IsType<WriteResult.Done>(await cluster.Admin.SendAsync(Writing.Patch(Kinds.Secret, ns, "registry", body), Cancellation));
        var stale = await RefusalAsync(Writing.Patch(Kinds.Secret, ns, "registry", body));

        Assert.Equal((FailureKind.Overtaken, 409, "Conflict"), (stale.Kind, stale.StatusCode, stale.Reason));
        Assert.Equal(["data/b", "data/c"], (await cluster.Admin.GetAsync(Kinds.Secret, ns, "registry", ReadDepth.Content, Cancellation))!.Content!.Paths(Kinds.Secret));
    }

    [Fact]
    public async Task An_apply_is_forced_and_rests_on_a_version()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets", Writing.Secret("registry", "\"a\":\"YQ==\""));
        var before = await cluster.Admin.GetAsync(Kinds.Secret, ns, "registry", ReadDepth.Metadata, Cancellation);
        var body = Writing.Secret("registry", "\"a\":\"Yg==\"", Writing.Version(before!.ResourceVersion));

        var done = Assert.IsType<WriteResult.Done>(await cluster.Admin.SendAsync(Writing.Apply(Kinds.Secret, ns, "registry", body), Cancellation));
        var stale = await RefusalAsync(Writing.Apply(Kinds.Secret, ns, "registry", Writing.Secret("registry", "\"a\":\"Yw==\"", Writing.Version(before.ResourceVersion))));

        Assert.Equal(before.Uid, done.Uid);
        Assert.Equal((FailureKind.Overtaken, 409, "Conflict"), (stale.Kind, stale.StatusCode, stale.Reason));
        Assert.StartsWith($"apply Secret {ns}/registry: ", stale.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_deletion_rests_on_uid_and_version(bool wrongUid, bool wrongVersion)
    {
        var ns = await cluster.NewNamespaceAsync();
        var created = await cluster.CreateAsync(Kinds.Secret, ns, "registry", Writing.Secret("registry", ""));

        var refused = await RefusalAsync(Writing.Delete(
            Kinds.Secret, ns, "registry", wrongUid ? "00000000-0000-0000-0000-000000000000" : created.Uid, wrongVersion ? "1" : created.ResourceVersion));
        var done = await cluster.Admin.SendAsync(Writing.Delete(Kinds.Secret, ns, "registry", created.Uid, created.ResourceVersion), Cancellation);
        var again = await RefusalAsync(Writing.Delete(Kinds.Secret, ns, "registry", created.Uid));

        Assert.Equal((FailureKind.Overtaken, 409, "Conflict"), (refused.Kind, refused.StatusCode, refused.Reason));
        Assert.Equal(new WriteResult.Done(created.Uid, ""), done);
        Assert.Equal((FailureKind.Gone, 404), (again.Kind, again.StatusCode));
    }

    [Fact]
    public async Task A_deletion_that_waits_for_finalizers_is_done_too()
    {
        var ns = await cluster.NewNamespaceAsync();
        var created = await cluster.CreateAsync(
            Kinds.ConfigMap, ns, "held", """{"metadata":{"name":"held","finalizers":["heliograph.dev/test"]}}""");

        var done = await cluster.Admin.SendAsync(Writing.Delete(Kinds.ConfigMap, ns, "held", created.Uid), Cancellation);
        var read = await cluster.Admin.GetAsync(Kinds.ConfigMap, ns, "held", ReadDepth.Metadata, Cancellation);
        await cluster.CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/held", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");

        Assert.Equal(new WriteResult.Done(created.Uid, ""), done);
        Assert.True(read!.Deleting);
    }

    [Fact]
    public async Task A_kind_outside_the_table_is_served_alike()
    {
        var ns = await cluster.NewNamespaceAsync();
        var lease = new Kind { Name = "Lease", Group = "coordination.k8s.io", Plural = "leases", Copied = [new("spec", FieldShape.Whole)] };
        await cluster.CreateAsync(lease, ns, "leader", """{"metadata":{"name":"leader"},"spec":{"holderIdentity":"a"}}""");
        var read = await cluster.Admin.GetAsync(lease, ns, "leader", ReadDepth.Content, Cancellation);

        var done = await cluster.Admin.SendAsync(
            Writing.Replace(lease, ns, "leader", $$$"""{"metadata":{"name":"leader"{{{Writing.Version(read!.ResourceVersion)}}} },"spec":{"holderIdentity":"b"} }"""), Cancellation);

        Assert.Equal("a", read.Content!.Fields["spec"].GetProperty("holderIdentity").GetString());
        Assert.IsType<WriteResult.Done>(done);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    public async Task A_name_that_would_change_the_request_is_never_sent(string name)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateAsync(Kinds.Secret, ns, "bystander", Writing.Secret("bystander", ""));

        var failure = await RefusalAsync(Writing.Delete(Kinds.Secret, ns, name));
        var read = await cluster.Admin.GetAsync(Kinds.Secret, ns, name, ReadDepth.Metadata, Cancellation);

        Assert.Equal((FailureKind.Never, "InvalidName"), (failure.Kind, failure.Reason));
        Assert.Null(read);
        Assert.NotNull(await cluster.Admin.GetAsync(Kinds.Secret, ns, "bystander", ReadDepth.Metadata, Cancellation));
    }

    private async Task<Failure> RefusalAsync(Rules.Write write) =>
        Assert.IsType<WriteResult.Refused>(await cluster.Admin.SendAsync(write, Cancellation)).Failure;
}
