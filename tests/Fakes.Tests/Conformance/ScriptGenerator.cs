using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Fakes.Tests.Conformance;

/// <summary>
/// Scripts from seeds. The universe is small on purpose: few names, keys and values, so that managers meet on the same fields all the time, and most
/// bodies are valid, so that a script gets anywhere.
/// </summary>
internal sealed class ScriptGenerator(int seed)
{
    private const int Steps = 24;
    private static readonly ImmutableArray<Kind> Weighted =
        [Kinds.Secret, Kinds.Secret, Kinds.Secret, Kinds.ConfigMap, Kinds.ConfigMap, Kinds.Role, Kinds.RoleBinding, Kinds.ServiceAccount];

    private readonly Random random = new(seed);

    /// <summary>The names that scripts use; whatever else is in a namespace belongs to the cluster.</summary>
    public static ImmutableArray<string> Names { get; } = ["one", "two"];

    /// <summary>A script about the objects of one kind in one namespace that stays.</summary>
    public ImmutableArray<Step> Objects()
    {
        var kind = Pick(Weighted.AsSpan());
        return [.. Enumerable.Range(0, Steps).Select(_ => Write(kind, Chance(3) ? 1 : 0))];
    }

    /// <summary>A script about namespaces that come and go under the objects in them.</summary>
    public ImmutableArray<Step> Namespaces() =>
        [.. Enumerable.Range(0, Steps).Select(index => Chance(20) && index > 3 ? NamespaceStep() : Write(Pick(Kinds.Secret, Kinds.ConfigMap), 0))];

    private Step NamespaceStep() => new()
    {
        Verb = Pick(ApiVerb.Create, ApiVerb.Delete, ApiVerb.Patch),
        Kind = Kinds.Namespace,
        Manager = Manager(),
        Version = Chance(15) ? Precondition.Stale : Precondition.None,
        Metadata = Chance(50) ? Json.Of(("labels", Labels(nulls: false))) : Json.Empty,
    };

    private Step Write(Kind kind, int ns)
    {
        if (Chance(2))
            return new Step { Verb = ApiVerb.Get, Kind = kind };
        var verb = Pick(ApiVerb.Create, ApiVerb.Create, ApiVerb.Replace, ApiVerb.Replace, ApiVerb.Patch, ApiVerb.Patch, ApiVerb.Apply, ApiVerb.Apply, ApiVerb.Delete);
        if (verb == ApiVerb.Delete && Chance(40))
            verb = ApiVerb.Patch;
        var edits = verb == ApiVerb.Replace && Chance(60);
        return new Step
        {
            Verb = verb,
            Kind = kind,
            Namespace = ns,
            Name = Chance(75) ? Names[0] : Names[1],
            Manager = Manager(),
            Uid = verb == ApiVerb.Create || Chance(65) ? Precondition.None : Chance(80) ? Precondition.Current : Precondition.Stale,
            Version = Chance(verb == ApiVerb.Create ? 97 : 45) ? Precondition.None : Chance(80) ? Precondition.Current : Precondition.Stale,
            Tracking = !edits ? Tracking.Absent : Chance(8) ? Tracking.Reset : Pick(Tracking.Absent, Tracking.Live),
            Edits = edits,
            Force = verb != ApiVerb.Apply || Chance(85),
            Metadata = verb == ApiVerb.Delete ? Json.Empty : Metadata(verb == ApiVerb.Patch),
            Fields = verb == ApiVerb.Delete ? Json.Empty : Fields(kind, verb),
        };
    }

    private string Manager() => Chance(50) ? Vocabulary.FieldManager : "kubectl-edit";

    private Json.Map Metadata(bool nulls)
    {
        var metadata = Json.Empty;
        if (Chance(50))
            metadata = metadata.With("labels", nulls && Chance(8) ? Json.Null : Labels(nulls));
        if (Chance(50))
            metadata = metadata.With("annotations", nulls && Chance(8) ? Json.Null : Annotations(nulls));
        if (Chance(15))
            metadata = metadata.With("finalizers", nulls && Chance(40) ? Json.Null : Texts("example.org/a", "example.org/b"));
        if (Chance(12))
            metadata = metadata.With("ownerReferences", nulls && Chance(30) ? Json.Null : new Json.List([.. Some("1", "2").Select(Owner)]));
        return metadata;
    }

    /// <summary>An owner of a kind that the cluster does not know, which the garbage collector therefore leaves alone.</summary>
    private Json Owner(string number) => Json.Of(
        ("apiVersion", Json.Of("example.org/v1")), ("kind", Json.Of("Owner")), ("name", Json.Of(Pick("owner", "other"))),
        ("uid", Json.Of($"11111111-1111-4111-8111-11111111111{number}")), ("controller", Chance(30) ? Json.Of(number == "1") : null));

    private Json.Map Labels(bool nulls) => Pairs(nulls, ["app", "example.org/tier"], () => Chance(3) ? "not a label!" : Pick("x", "y", ""));

    private Json.Map Annotations(bool nulls) =>
        Pairs(nulls, [Vocabulary.Heliograph.Source, Vocabulary.Reflector.ReflectedVersion, Chance(3) ? "not a key!" : "note"], () => Pick("x", "y", ""));

    private Json.Map Fields(Kind kind, ApiVerb verb) => kind.Name switch
    {
        "Secret" => SecretFields(verb),
        "ConfigMap" => ConfigMapFields(verb),
        "Role" => Maybe("rules", 80, verb, () => new Json.List([.. Some("get", "list", "watch").Select(Rule)])),
        "RoleBinding" => Maybe("subjects", 70, verb, () => new Json.List([.. Some("alice", "bob").Select(Subject)]))
            .With("roleRef", verb != ApiVerb.Patch || Chance(15) ? RoleRef() : null),
        "ServiceAccount" => Maybe("imagePullSecrets", 60, verb, () => new Json.List([.. Some("registry", "mirror").Select(name => Json.Of(("name", Json.Of(name))))]))
            .With("automountServiceAccountToken", Chance(40) ? Json.Of(Chance(50)) : null)
            .With("secrets", Chance(20) ? new Json.List([.. Some("token-a", "token-b").Select(name => Json.Of(("name", Json.Of(name))))]) : null),
        _ => throw new InvalidOperationException($"no fields for {kind}"),
    };

    private Json.Map SecretFields(ApiVerb verb)
    {
        var type = Chance(70) ? "" : Pick("Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "example.org/own");
        var keys = new List<string> { "a", "b", "c" };
        if (type.Length > 0 && Chance(85))
            keys.AddRange(["tls.crt", "tls.key", ".dockerconfigjson", "username", "ssh-privatekey"]);
        if (Chance(3))
            keys.Add("not a key!");
        var fields = Maybe("data", 80, verb, () => keys.Count > 4
            ? Json.Of(keys.Select(key => KeyValuePair.Create(key, Value(key))))
            : Pairs(verb == ApiVerb.Patch, keys, () => Value("a")));
        if (verb != ApiVerb.Apply && Chance(10))
            fields = fields.With("stringData", Pairs(false, ["a", "s"], () => Pick("x", "y")));
        return WithLock(fields).With("type", type);
    }

    private Json.Map ConfigMapFields(ApiVerb verb)
    {
        var fields = Maybe("data", 80, verb, () => Pairs(verb == ApiVerb.Patch, ["a", "b", "c"], () => Pick("x", "y", "")));
        foreach (var (name, value) in Maybe("binaryData", 40, verb, () => Pairs(verb == ApiVerb.Patch, ["p", "q", Chance(10) ? "a" : "p"], () => Value("p"))).Members)
            fields = fields.With(name, value);
        return WithLock(fields);
    }

    private Json.Map WithLock(Json.Map fields) => Chance(7) ? fields.With("immutable", Json.Of(Chance(70))) : fields;

    private string Value(string key) => key == ".dockerconfigjson"
        ? Pick("e30=", "eyJhdXRocyI6e319", "bm90IGpzb24=")
        : Chance(2) ? "%%" : Pick("eA==", "eQ==", "");

    private Json Rule(string verb) => Json.Of(
        ("verbs", Texts(verb, "create")), ("apiGroups", new Json.List([Json.Of("")])), ("resources", Texts("secrets", "configmaps")));

    private Json Subject(string name) => Chance(50)
        ? Json.Of(("kind", Json.Of("User")), ("name", Json.Of(name)))
        : Json.Of(("kind", Json.Of("ServiceAccount")), ("name", Json.Of(name)), ("namespace", Json.Of("default")));

    private Json.Map RoleRef() => Json.Of(
        ("apiGroup", Chance(50) ? Json.Of("rbac.authorization.k8s.io") : null), ("kind", Json.Of(Chance(90) ? "Role" : "ClusterRole")),
        ("name", Json.Of(Chance(85) ? "reader" : "writer")));

    /// <summary>A field that is there with some chance, and in a patch may be taken away, and now and then is empty.</summary>
    private Json.Map Maybe(string name, int percent, ApiVerb verb, Func<Json> value)
    {
        if (!Chance(percent))
            return Json.Empty;
        if (verb == ApiVerb.Patch && Chance(5))
            return Json.Of((name, Json.Null));
        return Json.Of((name, value()));
    }

    private Json.Map Pairs(bool nulls, IReadOnlyList<string> keys, Func<string> value)
    {
        var pairs = Json.Empty;
        foreach (var key in keys.Where(_ => Chance(60)))
            pairs = pairs.With(key, nulls && Chance(30) ? Json.Null : Json.Of(value()));
        return pairs;
    }

    private Json.List Texts(params ReadOnlySpan<string> all) => new([.. Some(all.ToArray()).Select(Json.Of)]);

    private ImmutableArray<T> Some<T>(params T[] all) => [.. all.Where(_ => Chance(60)).DefaultIfEmpty(all[0])];

    private T Pick<T>(params ReadOnlySpan<T> all) => all[random.Next(all.Length)];

    private bool Chance(int percent) => random.Next(100) < percent;
}
