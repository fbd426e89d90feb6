using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Heliograph.Model.Tests;

public sealed class FieldOwnershipTests
{
    [Fact]
    public void Entries_are_told_apart_by_their_manager()
    {
        var read = Read(Kinds.Secret, """
            {"manager": "heliograph", "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:a": {}}, "f:metadata": {"f:labels": {"f:l": {}},
              "f:annotations": {".": {}, "f:x/y": {}}}, "f:type": {}}},
            {"manager": "heliograph", "operation": "Apply", "fieldsV1": {"f:data": {"f:b": {}}}},
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:data": {"f:b": {}, "f:c": {}}, "f:metadata": {"f:labels": {"f:m": {}}}}},
            {"manager": "heliograph-old", "operation": "Update", "fieldsV1": {"f:data": {"f:d": {}}}}
            """);
        Assert.True(read.Known);
        Assert.Equal(["annotations/x/y", "data/a", "data/b", "labels/l"], read.Ours);
        Assert.Equal(["data/b", "data/c", "data/d"], read.Others);
        Assert.Equal(["data/a", "data/b", "data/c", "data/d"], read.CopiedPaths);
    }

    /// <summary>The API server writes members in alphabetical order, so <c>fieldsV1</c> comes before <c>manager</c>; nothing may rest on it.</summary>
    [Theory]
    [InlineData("""{"fieldsV1": {"f:data": {"f:a": {}}}, "manager": "heliograph"}""")]
    [InlineData("""{"manager": "heliograph", "fieldsV1": {"f:data": {"f:a": {}}}}""")]
    public void The_order_of_members_does_not_matter(string entry) => Assert.Equal(["data/a"], Read(Kinds.Secret, entry).Ours);

    [Fact]
    public void A_whole_field_is_one_path_whether_it_is_tracked_atomically_or_by_entry()
    {
        Assert.Equal(["rules"], Read(Kinds.Role, """{"manager": "heliograph", "fieldsV1": {"f:rules": {}}}""").Ours);
        var account = Read(Kinds.ServiceAccount, """
            {"manager": "heliograph", "fieldsV1": {"f:imagePullSecrets": {".": {}, "k:{\"name\":\"ours\"}": {".": {}, "f:name": {}}}}},
            {"manager": "kubectl", "fieldsV1": {"f:imagePullSecrets": {"k:{\"name\":\"theirs\"}": {}}, "f:automountServiceAccountToken": {}, "f:secrets": {}}}
            """);
        Assert.Empty(account.Ours);
        Assert.Equal(["automountServiceAccountToken", "imagePullSecrets"], account.Others);
    }

    /// <summary>As Kubernetes 1.20 writes it after kubectl took over our only key and annotation and then set a label.</summary>
    [Fact]
    public void What_we_updated_and_somebody_else_owns_too_is_theirs()
    {
        const string ours = """
            {"f:data": {".": {}, "f:a": {}, "f:b": {}}, "f:metadata": {"f:annotations": {".": {}, "f:x": {}, "f:y": {}}, "f:labels": {"f:l": {}}}}
            """;
        const string kubectl = """
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:data": {"f:a": {}}, "f:metadata": {"f:annotations": {"f:x": {}}}}}
            """;

        foreach (var operation in (string[])["Update", "Apply"])
        {
            var read = Read(Kinds.Secret, $$"""{{kubectl}}, {"manager": "heliograph", "operation": "{{operation}}", "fieldsV1": {{ours}}}""");

            Assert.Equal(
                operation == "Apply"
                    ? ["annotations/x", "annotations/y", "data/a", "data/b", "labels/l"]
                    : ["annotations/y", "data/b", "labels/l"],
                read.Ours);
            Assert.Equal(["data/a"], read.Others);
        }
    }

    [Theory]
    [InlineData("kubectl", """{"f:data": {}}""", true)]
    [InlineData("kubectl", """{"f:data": {".": {}}}""", true)]
    [InlineData("kubectl", """{"f:data": {"f:b": {}}, "f:metadata": {"f:annotations": {".": {}}}}""", true)]
    [InlineData("kubectl", """{"f:metadata": {"f:labels": {}}}""", true)]
    [InlineData("kubectl", """{"f:data": {".": {}, "f:b": {}}, "f:metadata": {"f:annotations": {"f:x": {}}}}""", false)]
    [InlineData("kubectl", """{"f:type": {}, "f:metadata": {}}""", false)]
    [InlineData("heliograph", """{"f:data": {".": {}}}""", false)]
    public void A_mapping_without_keys_is_noticed_where_it_is_not_ours(string manager, string fields, bool isHollow)
    {
        const string ours = """{"manager": "heliograph", "operation": "Update", "fieldsV1": {"f:data": {"f:a": {}}}}""";
        var read = Read(Kinds.Secret, $$"""{{ours}}, {"manager": "{{manager}}", "operation": "Update", "fieldsV1": {{fields}} }""");

        Assert.Equal(isHollow, read.IsAnyHollow);
    }

    [Fact]
    public void Owner_references_are_told_by_uid()
    {
        var read = Read(Kinds.Secret, """
            {"manager": "heliograph", "fieldsV1": {"f:metadata": {"f:ownerReferences": {".": {}, "k:{\"uid\":\"u-1\"}": {}, "k:{\"uid\":\"\"}": {}}}}}
            """);
        Assert.Equal(["ownerReferences/u-1"], read.Ours);
        Assert.Empty(read.CopiedPaths);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1, \"x\", null, []")]
    public void Without_entries_nothing_is_known(string entries) => Assert.False(Read(Kinds.Secret, entries).Known);

    [Theory]
    [InlineData("""{"manager": "heliograph"}""")]
    [InlineData("""{"manager": "heliograph", "fieldsV1": null}""")]
    [InlineData("""{"manager": "heliograph", "fieldsV1": {"f:metadata": null}}""")]
    [InlineData("""{"manager": "heliograph", "fieldsV1": {"f:data": null}}""")]
    [InlineData("""{"manager": "heliograph", "fieldsV1": {"f:data": {".": {}}}}""")]
    [InlineData("""{"manager": null, "fieldsV1": {}}""")]
    [InlineData("""{"manager": "heliograph", "fieldsV1": {"f:metadata": {"f:ownerReferences": []}}}, 7""")]
    public void Unknown_forms_are_passed_over(string entries)
    {
        var read = Read(Kinds.Secret, entries);
        Assert.True(read.Known);
        Assert.Empty(read.Ours);
        Assert.Empty(read.Others);
    }

    [Fact]
    public void Equality_and_digest_are_by_what_is_owned()
    {
        var one = new FieldOwnership { Known = true, Ours = ["data/a"], Others = ["data/b"] };
        Assert.Equal(one, new FieldOwnership { Known = true, Ours = ["data/a"], Others = ["data/b"] });
        Assert.Equal(one.Digest, (one with { Known = false }).Digest);
        Assert.NotEqual(one, one with { Known = false });
        Assert.NotEqual(one, one with { IsAnyHollow = true });
        Assert.NotEqual(one.Digest, (one with { Ours = ["data/a", "data/b"], Others = [] }).Digest);
        Assert.NotEqual(one.Digest, (one with { Ours = [], Others = ["data/a", "data/b"] }).Digest);
    }

    [Fact]
    public void Copied_paths_are_the_sorted_union_without_metadata()
    {
        var path = Gen.Elements("data/a", "data/b", "data/c", "binaryData/z", "rules", "labels/x", "annotations/y", "ownerReferences/u");
        var paths = path.ListOf().Select(list => list.Distinct().Order(StringComparer.Ordinal).ToImmutableArray());
        var pairs = paths.Zip(paths.Select(list => list.Where(p => !FieldOwnership.IsMetadata(p)).ToImmutableArray()));
        Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var ownership = new FieldOwnership { Known = true, Ours = pair.Item1, Others = pair.Item2 };
            var expected = pair.Item1.Concat(pair.Item2).Where(p => !FieldOwnership.IsMetadata(p)).Distinct().Order(StringComparer.Ordinal);
            return ownership.CopiedPaths.SequenceEqual(expected)
                && pair.Item1.All(ownership.IsOurs) && pair.Item2.All(ownership.IsOthers) && !ownership.IsOurs("data/none");
        }).QuickCheckThrowOnFailure();
    }

    private static FieldOwnership Read(Kind kind, string entries)
    {
        var json = $$$"""{"metadata": {"name": "n", "managedFields": [{{{entries}}}]}}""";
        return SnapshotReader.Read(Encoding.UTF8.GetBytes(json), kind, withContent: false).Ownership;
    }
}
