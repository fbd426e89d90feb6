using System.Reflection;
using System.Text;
using Xunit;

namespace Heliograph.Model.Tests;

public sealed class KindsTests
{
    [Fact]
    public void Five_kinds_can_be_served_and_two_are_by_default()
    {
        Assert.Equal(["Secret", "ConfigMap", "Role", "RoleBinding", "ServiceAccount"], Kinds.All.Select(kind => kind.Name));
        Assert.Equal(["Secret", "ConfigMap"], Kinds.Default.Select(kind => kind.Name));
    }

    [Theory]
    [InlineData("Secret", "v1", "/api/v1", "secrets", "data,type,immutable", true)]
    [InlineData("ConfigMap", "v1", "/api/v1", "configmaps", "data,binaryData,immutable", true)]
    [InlineData("Role", "rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1", "roles", "rules", true)]
    [InlineData("RoleBinding", "rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1", "rolebindings", "subjects,roleRef", true)]
    [InlineData("ServiceAccount", "v1", "/api/v1", "serviceaccounts", "imagePullSecrets,automountServiceAccountToken", false)]
    public void The_table_reads_like_this(string name, string apiVersion, string path, string plural, string fields, bool writtenWhole)
    {
        var kind = Kinds.All.Single(kind => kind.Name == name);
        Assert.Equal((apiVersion, path, plural, writtenWhole), (kind.ApiVersion, kind.ApiPath, kind.Plural, kind.WrittenWhole));
        Assert.Equal(fields, string.Join(',', kind.ContentFields));
    }

    [Fact]
    public void Every_row_is_sound()
    {
        foreach (var kind in Kinds.All)
        {
            Assert.True(kind.Namespaced);
            Assert.NotEmpty(kind.Copied);
            Assert.Equal(kind.ContentFields.Count(), kind.ContentFields.Distinct().Count());
            Assert.Equal(kind.Copied.Any(field => field.Shape == FieldShape.Map), kind.HasKeys);
            // Keys can only be demanded of objects that have keys, by types that are frozen.
            Assert.True(kind.RequiredKeys.IsEmpty || (kind.HasKeys && kind.Frozen is not null));
            // What the cluster puts everywhere must not be written everywhere.
            Assert.Empty(kind.RefusedNames.Except(kind.ReservedNames));
        }
    }

    [Fact]
    public void The_vocabulary_lists_every_key_it_has()
    {
        var constants = new[] { typeof(Vocabulary.Heliograph), typeof(Vocabulary.Reflector), typeof(Vocabulary.Replicator) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetValue(null)!)
            .Where(value => value.Contains('/', StringComparison.Ordinal) && !value.EndsWith('/'));
        Assert.Equal(constants.Order(StringComparer.Ordinal), Vocabulary.Keys.Order(StringComparer.Ordinal));
        Assert.All(Vocabulary.Keys, key => Assert.True(Vocabulary.Contains(key)));
    }

    [Fact]
    public void Content_is_told_by_paths()
    {
        var content = SnapshotReader.Read(
            Encoding.UTF8.GetBytes("""{"metadata": {"name": "n"}, "binaryData": {"b": "AA=="}, "data": {"z": "1", "a": "2"}, "immutable": false}"""),
            Kinds.ConfigMap, withContent: true).Content!;
        Assert.Equal(["binaryData/b", "data/a", "data/z"], content.Paths(Kinds.ConfigMap));
        Assert.False(content.HoldsNothing(Kinds.ConfigMap));
        Assert.False(content.IsLocked(Kinds.ConfigMap));
        Assert.Null(content.Text("data"));
        Assert.Empty(content.Entries("absent"));
        Assert.True(Content.Empty.HoldsNothing(Kinds.Secret));
    }
}
