using System.Text;
using System.Text.Json;
using Xunit;

namespace Heliograph.Model.Tests;

public sealed class SnapshotReaderTests
{
    private const string Marker = "c2VjcmV0LW1hcmtlcg==";

    private const string Full = """
        {
          "apiVersion": "v1", "kind": "Secret", "unknown": [1, {"a": 2}],
          "metadata": {
            "name": "registry", "namespace": "team-a", "uid": "u-1", "resourceVersion": "42", "generation": 3,
            "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:04:06Z",
            "labels": {"app": "x"}, "annotations": {"note": "y", "empty": ""}, "finalizers": ["f/one", "f/two"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "o-1"}],
            "managedFields": [{"manager": "kubectl", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:k": {}}}}]
          },
          "type": "Opaque", "immutable": true, "data": {"k": "c2VjcmV0LW1hcmtlcg=="}, "status": {}
        }
        """;

    [Fact]
    public void Every_part_of_the_metadata_is_read()
    {
        var read = Read(Full, Kinds.Secret, withContent: false);
        Assert.Equal(new ResourceRef("Secret", "team-a", "registry"), read.Ref);
        Assert.Equal(("u-1", "42", true), (read.Uid, read.ResourceVersion, read.Deleting));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), read.Created);
        Assert.Equal("x", read.Labels["app"]);
        Assert.Equal(("y", ""), (read.Annotation("note"), read.Annotation("empty")));
        Assert.Null(read.Annotation("absent"));
        Assert.Equal(["f/one", "f/two"], read.Finalizers);
        Assert.Equal("o-1", read.OwnerReferences[0].GetProperty("uid").GetString());
        Assert.Equal(["data/k"], read.Ownership.Others);
        Assert.Null(read.Content);
    }

    [Fact]
    public void The_payload_is_what_the_kind_copies_freezes_and_locks()
    {
        var content = Read(Full, Kinds.Secret, withContent: true).Content!;
        Assert.Equal(["data", "immutable", "type"], content.Fields.Keys);
        Assert.Equal("Opaque", content.Text("type"));
        Assert.True(content.IsLocked(Kinds.Secret));
        Assert.Equal(["data/k"], content.Paths(Kinds.Secret));
    }

    [Fact]
    public void What_is_not_there_reads_as_nothing()
    {
        var read = Read("""{"metadata": {"name": "n"}}""", Kinds.ConfigMap, withContent: true);
        Assert.Equal(("", "", "", false), (read.Namespace, read.Uid, read.ResourceVersion, read.Deleting));
        Assert.Empty(read.Labels);
        Assert.Empty(read.Annotations);
        Assert.Empty(read.Finalizers);
        Assert.Equal(JsonValueKind.Undefined, read.OwnerReferences.ValueKind);
        Assert.False(read.Ownership.Known);
        Assert.True(read.Content!.HoldsNothing(Kinds.ConfigMap));
        Assert.False(read.SpeaksToUs);
    }

    [Fact]
    public void Null_reads_as_nothing()
    {
        var read = Read(
            """
            {"metadata": {"name": "n", "labels": null, "annotations": null, "finalizers": null, "ownerReferences": null, "managedFields": null,
             "creationTimestamp": null, "deletionTimestamp": null}, "data": null}
            """,
            Kinds.Secret, withContent: true);
        Assert.Empty(read.Labels);
        Assert.Equal(JsonValueKind.Undefined, read.OwnerReferences.ValueKind);
        Assert.False(read.Deleting);
        Assert.Empty(read.Content!.Fields);
    }

    [Theory]
    [InlineData("""{"metadata": {"name": "n"}, "rules": null}""")]
    [InlineData("""{"metadata": {"name": "n"}, "rules": []}""")]
    [InlineData("""{"metadata": {"name": "n"}}""")]
    public void A_list_without_entries_is_absent_however_it_is_written(string json) =>
        Assert.True(Read(json, Kinds.Role, withContent: true).Content!.HoldsNothing(Kinds.Role));

    [Fact]
    public void False_is_a_value()
    {
        var read = Read("""{"metadata": {"name": "n"}, "automountServiceAccountToken": false}""", Kinds.ServiceAccount, withContent: true);
        Assert.Equal(["automountServiceAccountToken"], read.Content!.Paths(Kinds.ServiceAccount));
    }

    [Fact]
    public void A_service_accounts_secrets_are_not_read()
    {
        var read = Read("""{"metadata": {"name": "n"}, "secrets": [{"name": "token"}]}""", Kinds.ServiceAccount, withContent: true);
        Assert.Empty(read.Content!.Fields);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"metadata": null}""")]
    [InlineData("""{"metadata": []}""")]
    [InlineData("""{"metadata": {}}""")]
    [InlineData("""{"metadata": {"name": ""}}""")]
    [InlineData("""{"metadata": {"name": 7}}""")]
    [InlineData("""{"metadata": {"name": "n", "labels": []}}""")]
    [InlineData("""{"metadata": {"name": "n", "labels": {"a": 1}}}""")]
    [InlineData("""{"metadata": {"name": "n", "finalizers": {}}}""")]
    [InlineData("""{"metadata": {"name": "n", "finalizers": [1]}}""")]
    public void What_is_no_object_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Read(json, Kinds.Secret, withContent: true));

    /// <summary>Every way of cutting the text short, and every way of spoiling one byte of it, is refused without quoting what is secret.</summary>
    [Fact]
    public void No_error_quotes_the_payload()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        var refused = 0;
        for (var at = 1; at < bytes.Length; at++)
        {
            Assert.Throws<JsonException>(() => SnapshotReader.Read(bytes.AsSpan(0, at), Kinds.Secret, withContent: true));
            foreach (var spoiler in new byte[] { (byte)'"', (byte)'c', 0xC3, 0xFF, (byte)'\\' })
            {
                var spoiled = (byte[])bytes.Clone();
                spoiled[at] = spoiler;
                try
                {
                    SnapshotReader.Read(spoiled, Kinds.Secret, withContent: true);
                }
                catch (JsonException e)
                {
                    refused++;
                    Assert.DoesNotContain(Marker[..6], e.ToString(), StringComparison.Ordinal);
                }
            }
        }
        Assert.True(refused > 100);
    }

    [Fact]
    public void No_text_form_tells_the_payload()
    {
        var read = Read(Full.Replace("\"note\": \"y\"", $"\"note\": \"{Marker}\"", StringComparison.Ordinal), Kinds.Secret, withContent: true);
        Assert.Equal("Secret team-a/registry@42", read.ToString());
        Assert.Equal("Content(data, immutable, type)", read.Content!.ToString());
    }

    [Theory]
    [InlineData("heliograph.dev/push-to", true)]
    [InlineData("reflector.v1.k8s.emberstack.com/anything", true)]
    [InlineData("replicator.v1.mittwald.de/replicate-to", true)]
    [InlineData("example.com/heliograph.dev", false)]
    [InlineData("heliograph.development/x", false)]
    public void An_object_speaks_to_us_by_annotations_of_the_vocabulary(string key, bool speaks) =>
        Assert.Equal(speaks, Read("""{"metadata": {"name": "n", "annotations": {"a": "b", "KEY": ""}}}""".Replace("KEY", key, StringComparison.Ordinal), Kinds.Secret, false).SpeaksToUs);

    [Fact]
    public void The_reader_stands_behind_the_object_afterwards()
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"[{Full},{Full}]"));
        reader.Read();
        for (var i = 0; i < 2; i++)
        {
            reader.Read();
            Assert.Equal("registry", SnapshotReader.Read(ref reader, Kinds.Secret, withContent: i == 0).Name);
        }
        Assert.True(reader.Read());
        Assert.Equal(JsonTokenType.EndArray, reader.TokenType);
    }

    private static Snapshot Read(string json, Kind kind, bool withContent) => SnapshotReader.Read(Encoding.UTF8.GetBytes(json), kind, withContent);
}
