using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>What the API server refuses of an object, as far as this project can bring it about.</summary>
internal static partial class Validation
{
    private const int MaxDataBytes = 1 << 20;
    private const int MaxAnnotationBytes = 256 << 10;
    private const string RbacGroup = "rbac.authorization.k8s.io";

    private static readonly ImmutableArray<string> OwnerFields = ["apiVersion", "kind", "name", "uid"];
    private static readonly ImmutableArray<string> ImmutableMetadata = ["name", "namespace", "uid", "deletionTimestamp"];

    private static readonly ImmutableDictionary<string, ImmutableArray<string>> RequiredKeys = ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create("kubernetes.io/tls", ImmutableArray.Create("tls.crt", "tls.key")),
        KeyValuePair.Create("kubernetes.io/dockerconfigjson", ImmutableArray.Create(".dockerconfigjson")),
        KeyValuePair.Create("kubernetes.io/dockercfg", ImmutableArray.Create(".dockercfg")),
    ]);

    /// <summary>The complaints about a new object.</summary>
    public static ImmutableArray<Cause> OfCreation(Kind kind, Json.Map body) => [.. MetadataCauses(kind, body).Concat(ContentCauses(kind, body)).Distinct()];

    /// <summary>The complaints about a changed object.</summary>
    public static ImmutableArray<Cause> OfUpdate(Kind kind, Json.Map body, Json.Map old) =>
        [.. MetadataCauses(kind, body).Concat(ChangeCauses(kind, body, old)).Concat(LockCauses(kind, body, old)).Concat(ContentCauses(kind, body)).Distinct()];

    /// <summary>Whether a PUT makes an object that is not there. With a UID in its body it does not even then.</summary>
    public static bool IsCreatedByReplace(Kind kind) => kind.Group == RbacGroup;

    private static IEnumerable<Cause> MetadataCauses(Kind kind, Json.Map body)
    {
        var metadata = body.MapOf("metadata");
        var name = metadata.TextOf("name");
        if (name.Length == 0)
            yield return Cause.Required("metadata.name");
        else if (!IsName(kind, name))
            yield return Cause.Invalid("metadata.name", "not a name");
        foreach (var (key, value) in metadata.MapOf("labels").Members)
        {
            if (!QualifiedName().IsMatch(key))
                yield return Cause.Invalid("metadata.labels", "not a qualified name");
            if (!LabelValue().IsMatch(((Json.Text)value).Value))
                yield return Cause.Invalid("metadata.labels", "not a label's value");
        }
        var annotations = metadata.MapOf("annotations").Members;
        foreach (var key in annotations.Keys.Where(key => !QualifiedName().IsMatch(key.ToLowerInvariant())))
            yield return Cause.Invalid("metadata.annotations", $"{key} is not a qualified name");
        if (annotations.Sum(a => Encoding.UTF8.GetByteCount(a.Key) + Encoding.UTF8.GetByteCount(((Json.Text)a.Value).Value)) > MaxAnnotationBytes)
            yield return Cause.TooLong("metadata.annotations");
        foreach (var cause in OwnerCauses(metadata.ItemsOf("ownerReferences")))
            yield return cause;
        if (metadata.ItemsOf("finalizers").OfType<Json.Text>().Any(finalizer => !QualifiedName().IsMatch(finalizer.Value)))
            yield return Cause.Invalid("metadata.finalizers", "not a qualified name");
    }

    private static IEnumerable<Cause> OwnerCauses(ImmutableArray<Json> owners)
    {
        foreach (var owner in owners.Cast<Json.Map>())
        {
            foreach (var field in OwnerFields.Where(field => owner.TextOf(field).Length == 0))
                yield return Cause.Invalid($"metadata.ownerReferences.{field}", $"{field} must not be empty");
        }
        if (owners.Count(owner => ((Json.Map)owner)["controller"]?.Equals(Json.Of(true)) == true) > 1)
            yield return Cause.Invalid("metadata.ownerReferences", "only one reference can have controller set to true");
    }

    private static IEnumerable<Cause> ChangeCauses(Kind kind, Json.Map body, Json.Map old)
    {
        var (metadata, former) = (body.MapOf("metadata"), old.MapOf("metadata"));
        foreach (var field in ImmutableMetadata.Where(field => metadata.TextOf(field) != former.TextOf(field)))
            yield return Cause.Invalid("metadata." + field, "field is immutable");
        if (former.TextOf("deletionTimestamp").Length > 0 && metadata.ItemsOf("finalizers").Except(former.ItemsOf("finalizers")).Any())
            yield return Cause.Forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted");
        if (kind.Name == "RoleBinding" && !body.MapOf("roleRef").Equals(old.MapOf("roleRef")))
            yield return Cause.Invalid("roleRef", "cannot change roleRef");
        if (kind.Name == "Secret" && body.TextOf("type") != old.TextOf("type"))
            yield return Cause.Invalid("type", "field is immutable");
    }

    private static IEnumerable<Cause> LockCauses(Kind kind, Json.Map body, Json.Map old)
    {
        if (kind.Lock is not { } locking || old[locking]?.Equals(Json.Of(true)) != true)
            yield break;
        if (body[locking]?.Equals(Json.Of(true)) != true)
            yield return Cause.Forbidden(locking, "field is immutable when `immutable` is set");
        foreach (var field in kind.Copied.Where(field => !Equals(body[field.Name], old[field.Name])))
            yield return Cause.Forbidden(field.Name, "field is immutable when `immutable` is set");
    }

    private static IEnumerable<Cause> ContentCauses(Kind kind, Json.Map body) => kind.Name switch
    {
        "Secret" => DataCauses(body, "data").Concat(SecretCauses(body)),
        "ConfigMap" => DataCauses(body, "data").Concat(DataCauses(body, "binaryData")).Concat(ConfigMapCauses(body)),
        "RoleBinding" => RoleBindingCauses(body),
        _ => [],
    };

    private static IEnumerable<Cause> DataCauses(Json.Map body, string field) =>
        from key in body.MapOf(field).Members.Keys
        where !DataKey().IsMatch(key) || key is "." || key.StartsWith("..", StringComparison.Ordinal)
        select Cause.Invalid($"{field}[{key}]", "a valid config key must consist of alphanumeric characters, '-', '_' or '.'");

    private static IEnumerable<Cause> SecretCauses(Json.Map body)
    {
        var data = body.MapOf("data");
        if (data.Members.Values.Sum(value => Bytes(value).LongLength) > MaxDataBytes)
            yield return Cause.TooLong("data");
        var type = body.TextOf("type");
        foreach (var key in RequiredKeys.GetValueOrDefault(type, []))
        {
            if (data[key] is not { } value)
                yield return Cause.Required($"data[{key}]");
            else if (key.StartsWith(".docker", StringComparison.Ordinal) && !IsJsonMapping(value))
                yield return Cause.Invalid($"data[{key}]", "not a JSON mapping");
        }
        if (type == "kubernetes.io/basic-auth" && data["username"] is null && data["password"] is null)
        {
            yield return Cause.Required("data[%s][username]");
            yield return Cause.Required("data[%s][password]");
        }
        if (type == "kubernetes.io/ssh-auth" && data.TextOf("ssh-privatekey").Length == 0)
            yield return Cause.Required("data[%s][ssh-privatekey]");
        if (type == "kubernetes.io/service-account-token" && body.MapOf("metadata").MapOf("annotations").TextOf("kubernetes.io/service-account.name").Length == 0)
            yield return Cause.Required("metadata.annotations[kubernetes.io/service-account.name]");
    }

    private static IEnumerable<Cause> ConfigMapCauses(Json.Map body)
    {
        foreach (var key in body.MapOf("data").Members.Keys.Where(key => body.MapOf("binaryData")[key] is not null))
            yield return Cause.Invalid($"data[{key}]", "duplicate of key present in binaryData");
        var size = body.MapOf("data").Members.Values.Sum(value => (long)Encoding.UTF8.GetByteCount(((Json.Text)value).Value))
            + body.MapOf("binaryData").Members.Values.Sum(value => Bytes(value).LongLength);
        if (size > MaxDataBytes)
            yield return Cause.TooLong("");
    }

    private static IEnumerable<Cause> RoleBindingCauses(Json.Map body)
    {
        var reference = body.MapOf("roleRef");
        if (reference.TextOf("apiGroup") != RbacGroup)
            yield return Cause.NotSupported("roleRef.apiGroup");
        if (reference.TextOf("kind") is not ("Role" or "ClusterRole"))
            yield return Cause.NotSupported("roleRef.kind");
        if (reference.TextOf("name").Length == 0)
            yield return Cause.Required("roleRef.name");
    }

    private static byte[] Bytes(Json value) => value is Json.Text text ? Convert.FromBase64String(text.Value) : [];

    private static bool IsJsonMapping(Json value)
    {
        try
        {
            return Json.Parse(Bytes(value)) is Json.Map;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static bool IsName(Kind kind, string name)
    {
        if (kind.LooseNames)
            return name is not ("." or "..") && !name.Contains('/', StringComparison.Ordinal) && !name.Contains('%', StringComparison.Ordinal);
        return kind.Name != Kinds.Namespace.Name ? name.Length <= 253 && Subdomain().IsMatch(name) : name.Length <= 63 && DnsLabel().IsMatch(name);
    }

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(?=.{1,63}$)([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^(?=.{0,63}\z)(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex DataKey();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex DnsLabel();
}
