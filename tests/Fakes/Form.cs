using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>A text that is no object of its kind. The message names a field, never a value.</summary>
internal sealed class FormException(string message) : Exception(message);

/// <summary>
/// What the API server's typed decoding makes of an object: unknown fields go, empty ones are left out, defaults come in. Two things that it tells apart before
/// it stores an object, and no more afterwards, remain in what is read: a mapping that is empty, and bytes that are not there (null). Both count as
/// changes of what must not change. <see cref="Stored"/> evens them out.
/// </summary>
internal static class Form
{
    /// <summary>Fields that the API server always writes, as they look where nothing was said.</summary>
    private static readonly ImmutableDictionary<string, Json.Map> Blanks = ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create("Namespace", Json.Of(("spec", Json.Empty), ("status", Json.Empty))),
        KeyValuePair.Create("Role", Json.Of(("rules", Json.Null))),
        KeyValuePair.Create("RoleBinding", Json.Of(("roleRef", Json.Of(("apiGroup", Json.Of("")), ("kind", Json.Of("")), ("name", Json.Of("")))))),
    ]);

    private static readonly Json.Map BlankMetadata = Json.Of(("creationTimestamp", Json.Null));

    /// <summary>An object of which nothing is said yet: what there is before a creation.</summary>
    public static Json.Map Blank(Kind kind) => Blanks.GetValueOrDefault(kind.Name, Json.Empty).With("metadata", BlankMetadata);

    /// <summary>An object as it is stored and read back.</summary>
    public static Json.Map Stored(Json.Map read, Kind kind)
    {
        foreach (var field in kind.Copied.Where(field => field.Shape == FieldShape.Map && read[field.Name] is Json.Map))
        {
            var map = read.MapOf(field.Name);
            foreach (var (key, _) in map.Members.Where(member => member.Value.Equals(Json.Null)))
                map = map.With(key, Json.Of(""));
            read = read.With(field.Name, map.IsEmpty ? null : map);
        }
        return read;
    }

    /// <summary>An object as it is told to whoever changed it, if it was not stored.</summary>
    public static Json.Map Told(Json.Map read, Kind kind) => kind.Copied
        .Where(field => read[field.Name] is Json.Map { IsEmpty: true })
        .Aggregate(read, (told, field) => told.With(field.Name, (Json?)null));

    /// <summary>An object as an apply leaves it behind, in which empty bytes are no bytes.</summary>
    public static Json.Map Merged(Json.Map read, Kind kind)
    {
        foreach (var field in kind.Copied.Where(field => (kind.Name, field.Name) is ("Secret", "data") or ("ConfigMap", "binaryData")))
        {
            foreach (var (key, _) in read.MapOf(field.Name).Members.Where(member => member.Value.Equals(Json.Of(""))))
                read = read.With(field.Name, read.MapOf(field.Name).With(key, Json.Null));
        }
        return read;
    }

    /// <summary>Whether an object has bytes that are not there.</summary>
    public static bool LacksBytes(Json.Map read, Kind kind) => kind.Copied.Any(field => read.MapOf(field.Name).Members.ContainsValue(Json.Null));

    /// <summary>Reads an object.</summary>
    /// <exception cref="FormException">It is not of the kind.</exception>
    public static Json.Map Read(Json body, Kind kind)
    {
        if (body is not Json.Map map)
            throw new FormException("the body is no object");
        var read = Blank(kind);
        foreach (var (name, structure) in Structure.Of(kind).Fields)
        {
            if (map[name] is { } value && (ReadField(value, structure, name) ?? EmptyTable(value, structure, kind, name)) is { } field)
                read = read.With(name, field);
        }
        return Defaults(read.With("metadata", ReadMetadata(map)), kind);
    }

    private static Json.Map ReadMetadata(Json.Map body)
    {
        var metadata = body["metadata"] is null or Json.Map ? body.MapOf("metadata") : throw new FormException("metadata is no object");
        var read = BlankMetadata;
        foreach (var (name, structure) in ((Structure.Members)Structure.Of(Kinds.Namespace).Fields["metadata"]).Fields)
        {
            if (metadata[name] is { } value && ReadField(value, structure, name) is { } field)
                read = read.With(name, field);
        }
        return read.With("managedFields", metadata["managedFields"] is Json.List list ? list : null);
    }

    /// <summary>A field as it is stored; null where it is empty and therefore left out.</summary>
    private static Json? ReadField(Json value, Structure structure, string name) => (structure, value) switch
    {
        (_, Json.Literal { Raw: "null" }) => null,
        (Structure.Leaf, Json.Text { Value: "" }) => null,
        (Structure.Leaf, Json.List { Items.IsEmpty: true }) => null,
        (Structure.Leaf, _) => value,
        (Structure.Table, Json.Map { IsEmpty: true }) => null,
        (Structure.Table, Json.Map map) => ReadTable(map, name),
        (Structure.Members members, Json.Map map) => ReadMembers(members, map, name),
        (Structure.Keyed or Structure.Set, Json.List { Items.IsEmpty: true }) => null,
        (Structure.Keyed keyed, Json.List list) => new Json.List([.. list.Items.Select(item => ReadField(item, keyed.Item, name) ?? Json.Empty)]),
        (Structure.Set, Json.List) => value,
        _ => throw new FormException($"{name} is not of its type"),
    };

    /// <summary>An empty mapping, where it is told from none. A ConfigMap's data is a mapping even where nothing is said.</summary>
    private static Json.Map? EmptyTable(Json value, Structure structure, Kind kind, string name) =>
        structure is Structure.Table && (kind.Name, name) is not ("ConfigMap", "data") ? value as Json.Map : null;

    private static Json.Map ReadTable(Json.Map map, string name)
    {
        if (map.Members.Values.All(member => member is Json.Text))
            return map;
        return new Json.Map(map.Members.ToImmutableSortedDictionary(
            member => member.Key,
            member => member.Value is Json.Text ? member.Value : member.Value.Equals(Json.Null) ? Json.Of("") : throw new FormException($"{name} holds what is no string"),
            StringComparer.Ordinal));
    }

    private static Json.Map ReadMembers(Structure.Members members, Json.Map map, string name)
    {
        var read = Json.Empty;
        foreach (var (field, structure) in members.Fields)
        {
            if (map[field] is { } value && ReadField(value, structure, name) is { } kept)
                read = read.With(field, kept);
        }
        return read;
    }

    private static Json.Map Defaults(Json.Map body, Kind kind)
    {
        body = body.With("apiVersion", kind.ApiVersion).With("kind", kind.Name);
        return kind.Name switch
        {
            "Secret" => SecretDefaults(body),
            "ConfigMap" => CheckedBase64(body, "binaryData"),
            "Namespace" => body.MapOf("status").TextOf("phase").Length > 0 ? body : body.With("status", body.MapOf("status").With("phase", "Active")),
            "RoleBinding" => RoleBindingDefaults(body),
            _ => body,
        };
    }

    private static Json.Map SecretDefaults(Json.Map body)
    {
        body = CheckedBase64(body, "data");
        foreach (var (key, value) in body.MapOf("stringData").Members)
            body = body.With("data", body.MapOf("data").With(key, Json.Of(Convert.ToBase64String(Encoding.UTF8.GetBytes(((Json.Text)value).Value)))));
        body = body.With("stringData", (Json?)null);
        return body.TextOf("type").Length > 0 ? body : body.With("type", "Opaque");
    }

    private static Json.Map CheckedBase64(Json.Map body, string field)
    {
        foreach (var (_, value) in body.MapOf(field).Members)
        {
            if (!Base64.IsValid(((Json.Text)value).Value))
                throw new FormException($"{field} holds what is no base64");
        }
        return body;
    }

    private static Json.Map RoleBindingDefaults(Json.Map body)
    {
        const string group = "rbac.authorization.k8s.io";
        var reference = body.MapOf("roleRef");
        body = body.With("roleRef", Json.Of(
            ("apiGroup", Json.Of(reference.TextOf("apiGroup") is { Length: > 0 } given ? given : group)),
            ("kind", Json.Of(reference.TextOf("kind"))),
            ("name", Json.Of(reference.TextOf("name")))));
        if (body["subjects"] is not Json.List subjects)
            return body;
        return body.With("subjects", new Json.List(
        [
            .. subjects.Items.Select(subject => subject is Json.Map map && map.TextOf("apiGroup").Length == 0 && map.TextOf("kind") is "User" or "Group"
                ? ((Json.Map)subject).With("apiGroup", group)
                : subject),
        ]));
    }
}
