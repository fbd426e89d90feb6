using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>A person or another controller at work in the cluster, under a field manager of their own. What the API server refuses is an exception here.</summary>
/// <param name="server">The API server.</param>
/// <param name="manager">The field manager.</param>
public sealed class FakeUser(FakeApiServer server, string manager = "kubectl-edit")
{
    /// <summary>Creates a namespace.</summary>
    public Snapshot CreateNamespace(string name, params IEnumerable<KeyValuePair<string, string>> labels) => Create(Kinds.Namespace, "", name, labels: labels);

    /// <summary>Deletes a namespace: it is terminating until the namespace controller is stepped.</summary>
    public void BeginDeleteNamespace(string name) => Delete(Kinds.Namespace, "", name);

    /// <summary>Deletes a namespace with all that is in it.</summary>
    public void DeleteNamespace(string name)
    {
        BeginDeleteNamespace(name);
        server.SettleNamespaces();
    }

    /// <summary>Creates a Secret from texts.</summary>
    public Snapshot CreateSecret(
        string ns, string name, IEnumerable<KeyValuePair<string, string>> data, IEnumerable<KeyValuePair<string, string>>? annotations = null,
        IEnumerable<KeyValuePair<string, string>>? labels = null, string type = "Opaque") =>
        Create(Kinds.Secret, ns, name, Json.Of(("type", Json.Of(type)), ("stringData", Json.Of(data))), annotations, labels);

    /// <summary>Creates a ConfigMap.</summary>
    public Snapshot CreateConfigMap(
        string ns, string name, IEnumerable<KeyValuePair<string, string>> data, IEnumerable<KeyValuePair<string, string>>? annotations = null,
        IEnumerable<KeyValuePair<string, string>>? labels = null) =>
        Create(Kinds.ConfigMap, ns, name, Json.Of(("data", Json.Of(data))), annotations, labels);

    /// <summary>Creates an object of any kind.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; empty for a namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fields">Its fields beside metadata.</param>
    /// <param name="annotations">Its annotations.</param>
    /// <param name="labels">Its labels.</param>
    public Snapshot Create(
        Kind kind, string ns, string name, Json.Map? fields = null, IEnumerable<KeyValuePair<string, string>>? annotations = null,
        IEnumerable<KeyValuePair<string, string>>? labels = null)
    {
        var metadata = Json.Of(
            ("name", Json.Of(name)),
            ("namespace", ns.Length == 0 ? null : Json.Of(ns)),
            ("annotations", annotations is null ? null : Json.Of(annotations)),
            ("labels", labels is null ? null : Json.Of(labels)));
        return Send(ApiVerb.Create, kind, ns, name, Identified(kind, fields ?? Json.Empty).With("metadata", metadata));
    }

    /// <summary>Sends a JSON merge patch.</summary>
    public Snapshot Patch(Kind kind, string ns, string name, Json patch) => Send(ApiVerb.Patch, kind, ns, name, patch);

    /// <summary>Sends a JSON merge patch, written as JSON.</summary>
    public Snapshot Patch(Kind kind, string ns, string name, string patch) => Patch(kind, ns, name, Json.Parse(patch));

    /// <summary>Sets an annotation, or takes it away where the value is null.</summary>
    public Snapshot Annotate(Kind kind, string ns, string name, string key, string? value) =>
        Patch(kind, ns, name, Json.Of(("metadata", Json.Of(("annotations", Json.Of((key, Value(value))))))));

    /// <summary>Sets a label, or takes it away where the value is null.</summary>
    public Snapshot Label(Kind kind, string ns, string name, string key, string? value) =>
        Patch(kind, ns, name, Json.Of(("metadata", Json.Of(("labels", Json.Of((key, Value(value))))))));

    /// <summary>Sets a key of a Secret's data from a text, or takes it away where the value is null.</summary>
    public Snapshot SetSecretKey(string ns, string name, string key, string? value) => Patch(Kinds.Secret, ns, name, Json.Of(("data", Json.Of(
        (key, Value(value is null ? null : Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value))))))));

    /// <summary>Replaces an object with what a function makes of it, as <c>kubectl edit</c> does.</summary>
    public Snapshot Replace(Kind kind, string ns, string name, Func<Json.Map, Json.Map> change) =>
        Send(ApiVerb.Replace, kind, ns, name, change(server.Body(kind, ns, name) ?? throw new InvalidOperationException($"no {kind} {ns}/{name}")));

    /// <summary>Applies an object by server-side apply, forced.</summary>
    public Snapshot Apply(Kind kind, string ns, string name, Json.Map fields) => Send(ApiVerb.Apply, kind, ns, name, Identified(kind, fields)
        .With("metadata", fields.MapOf("metadata").With("name", name).With("namespace", ns)));

    /// <summary>Deletes an object.</summary>
    public void Delete(Kind kind, string ns, string name) => Answer(new ApiRequest(ApiVerb.Delete, kind, ns, name, Manager: manager));

    private static Json Value(string? value) => value is null ? Json.Null : Json.Of(value);

    private static Json.Map Identified(Kind kind, Json.Map fields) => fields.With("apiVersion", kind.ApiVersion).With("kind", kind.Name);

    private Snapshot Send(ApiVerb verb, Kind kind, string ns, string name, Json body) =>
        SnapshotReader.Read(Answer(new ApiRequest(verb, kind, ns, name, body, manager)).Body.ToUtf8(), kind, withContent: true);

    private ApiResponse Answer(ApiRequest request)
    {
        var response = server.Handle(request);
        return response.Succeeded ? response : throw new InvalidOperationException(
            $"{request}: {response}: {string.Join(", ", response.Causes.Select(cause => $"{cause.Reason} {cause.Field}"))}");
    }
}
