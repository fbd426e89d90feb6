using Heliograph.Model;

namespace Heliograph.Fakes;

/// <content>The writes, with the API server's own order of checks.</content>
public sealed partial class FakeApiServer
{
    private ApiResponse Create(ApiRequest request)
    {
        var body = Decode(request, RefusedException.BadRequest);
        if (request.Name.Length > 0 && NameIn(body) != request.Name)
            throw RefusedException.BadRequest("the name of the object does not match the name on the request");
        return Store(request, ManagedFields.Update(Form.Blank(request.Kind), body, request.Kind, WriterOf(request)));
    }

    private ApiResponse Replace(ApiRequest request)
    {
        var body = Decode(request, RefusedException.BadRequest);
        CheckPlace(request, body);
        var live = Find(request);
        var uid = body.MapOf("metadata").TextOf("uid");
        var mayCreate = Validation.IsCreatedByReplace(request.Kind);
        if (uid.Length > 0 && uid != (live?.Uid ?? "") && (live is not null || mayCreate || age == ApiServerAge.Kubernetes120))
            throw RefusedException.Conflict(request.Kind, request.Name, $"UID in precondition: {uid}, UID in object meta: {live?.Uid}");
        if (live is not null)
            return Store(request, live, ManagedFields.Update(live.Body, body, request.Kind, WriterOf(request)));
        if (!mayCreate)
            throw RefusedException.NotFound(request.Kind, request.Name);
        return Store(request, ManagedFields.Update(Form.Blank(request.Kind), body, request.Kind, WriterOf(request)));
    }

    private ApiResponse Patch(ApiRequest request)
    {
        var live = Find(request) ?? throw RefusedException.NotFound(request.Kind, request.Name);
        var patched = Decode(request with { Body = Merged(live.Body, request.Body) }, _ => RefusedException.Invalid("", "", [Cause.Invalid("patch", "not an object of this kind")]));
        CheckPlace(request, patched);
        return Store(request, live, ManagedFields.Update(live.Body, patched, request.Kind, WriterOf(request)));
    }

    private ApiResponse Apply(ApiRequest request)
    {
        var applied = request.Body as Json.Map ?? throw RefusedException.BadRequest("what is applied is no object");
        if (applied.TextOf("apiVersion") != request.Kind.ApiVersion)
            throw RefusedException.BadRequest("incorrect version specified in apply patch");
        if (applied.MapOf("metadata")["managedFields"] is not (null or Json.Literal))
            throw RefusedException.BadRequest("metadata.managedFields must be nil");
        var live = Find(request);
        var body = Applied(request, applied, live?.Body ?? Form.Blank(request.Kind));
        if (live is null && body.MapOf("metadata").TextOf("uid").Length > 0)
            throw RefusedException.Conflict(request.Kind, request.Name, "uid mismatch: the object specified a uid, and no existing object was found");
        CheckPlace(request, body);
        return live is null ? Store(request, body) : Store(request, live, body);
    }

    private Json.Map Applied(ApiRequest request, Json.Map applied, Json.Map live)
    {
        try
        {
            return ManagedFields.Apply(live, applied, request.Kind, WriterOf(request), request.Force);
        }
        catch (ApplyConflictException conflict)
        {
            throw new RefusedException(409, "Conflict", "Apply failed: others own what is applied")
            {
                Causes = [.. conflict.Fields.Select(field => new Cause("FieldManagerConflict", field, "conflict"))],
            };
        }
        catch (Exception e) when (e is FormException or UndeclaredFieldException)
        {
            throw RefusedException.Internal("failed to create typed patch object: " + e.Message);
        }
    }

    private ApiResponse Delete(ApiRequest request)
    {
        var live = Find(request) ?? throw RefusedException.NotFound(request.Kind, request.Name);
        var preconditions = (request.Body as Json.Map ?? Json.Empty).MapOf("preconditions");
        if (preconditions.TextOf("uid") is { Length: > 0 } uid && uid != live.Uid)
            throw RefusedException.Conflict(request.Kind, request.Name, "the UID in the precondition does not match the UID in record");
        if (preconditions.TextOf("resourceVersion") is { Length: > 0 } expected && expected != live.Version)
            throw RefusedException.Conflict(request.Kind, request.Name, "the ResourceVersion in the precondition does not match the ResourceVersion in record");
        if (request.Kind.Name == Kinds.Namespace.Name)
            return DeleteNamespace(live);
        if (live.Metadata.ItemsOf("finalizers").IsEmpty)
        {
            Commit(live, Change.Deleted);
            return new ApiResponse(200, request.Kind.Name == Kinds.ServiceAccount.Name ? live.Body : Json.Of(
                ("apiVersion", Json.Of("v1")), ("kind", Json.Of("Status")), ("metadata", Json.Empty), ("status", Json.Of("Success")),
                ("details", Json.Of(("name", Json.Of(live.Name)), ("kind", Json.Of(request.Kind.Plural)), ("uid", Json.Of(live.Uid)))
                    .With("group", request.Kind.Group))));
        }
        return new ApiResponse(200, MarkDeleting(live).Body);
    }

    private StoredObject MarkDeleting(StoredObject live) => live.Deleting && !live.IsUneven ? live : Commit(
        StoredObject.Of(live.Kind, live.Body.With("metadata", live.Metadata
            .With("deletionTimestamp", live.Deleting ? live.Metadata["deletionTimestamp"] : Json.Of(Now))
            .With("deletionGracePeriodSeconds", new Json.Literal("0")))),
        Change.Modified);

    /// <summary>Stores what is new.</summary>
    private ApiResponse Store(ApiRequest request, Json.Map body)
    {
        var kind = request.Kind;
        var metadata = body.MapOf("metadata");
        CheckNamespaceTakesContent(kind, request.Namespace, metadata.TextOf("name"));
        if (kind.Namespaced && metadata.TextOf("namespace") is { Length: > 0 } given && given != request.Namespace)
            throw RefusedException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        var isVersioned = request.Verb == ApiVerb.Create && metadata.TextOf("resourceVersion").Length > 0;
        metadata = metadata
            .With("namespace", kind.Namespaced ? request.Namespace : "")
            .With("uid", NextUid())
            .With("resourceVersion", (Json?)null)
            .With("creationTimestamp", Now)
            .With("deletionTimestamp", (Json?)null)
            .With("deletionGracePeriodSeconds", (Json?)null);
        body = Prepared(kind, body.With("metadata", metadata));
        if (Validation.OfCreation(kind, body) is { IsEmpty: false } causes)
            throw RefusedException.Invalid(kind.Name, metadata.TextOf("name"), causes);
        if (isVersioned)
            throw RefusedException.Internal("resourceVersion should not be set on objects to be created");
        var created = StoredObject.Of(kind, body);
        if (objects.ContainsKey(created.Key))
            throw new RefusedException(409, "AlreadyExists", $"{kind.Plural} \"{created.Name}\" already exists") { Subject = (created.Name, kind.Plural) };
        return new ApiResponse(201, Commit(created, Change.Added).Body);
    }

    /// <summary>Stores what is changed. What is not changed is not written and keeps its version.</summary>
    private ApiResponse Store(ApiRequest request, StoredObject live, Json.Map body)
    {
        var kind = request.Kind;
        var metadata = body.MapOf("metadata");
        var expected = metadata.TextOf("resourceVersion");
        if (expected.Length > 0 && expected != live.Version)
            throw RefusedException.Conflict(kind, live.Name, "the object has been modified; please apply your changes to the latest version and try again");
        body = Carried(kind, live, body);
        if (Validation.OfUpdate(kind, body, live.Body) is { IsEmpty: false } causes)
            throw RefusedException.Invalid(kind.Name, live.Name, causes);
        if (live.Deleting && body.MapOf("metadata").ItemsOf("finalizers").IsEmpty && kind.Name != Kinds.Namespace.Name)
        {
            // The watch tells of the object as it was last stored, the answer of the one that would have been.
            Commit(live, Change.Deleted);
            return new ApiResponse(200, Form.Told(body, kind));
        }
        var changed = StoredObject.Of(kind, body);
        var isSame = changed.Body.Equals(live.Body) && !changed.IsUneven && !live.IsUneven;
        return new ApiResponse(200, isSame ? live.Body : Commit(changed, Change.Modified).Body);
    }

    /// <summary>A changed object with all that an update cannot change or need not say.</summary>
    private static Json.Map Carried(Kind kind, StoredObject live, Json.Map body)
    {
        var metadata = body.MapOf("metadata");
        metadata = metadata
            .With("namespace", live.Namespace)
            .With("resourceVersion", live.Version)
            .With("creationTimestamp", live.Metadata["creationTimestamp"]);
        if (metadata.TextOf("uid").Length == 0)
            metadata = metadata.With("uid", live.Uid);
        if (live.Deleting)
        {
            metadata = metadata
                .With("deletionTimestamp", live.Metadata["deletionTimestamp"])
                .With("deletionGracePeriodSeconds", live.Metadata["deletionGracePeriodSeconds"]);
        }
        body = body.With("metadata", metadata);
        return kind.Name == Kinds.Namespace.Name ? body.With("spec", live.Body["spec"]).With("status", live.Body["status"]) : body;
    }

    private Writer WriterOf(ApiRequest request) => new(request.Manager, Now, age);

    private Json.Map Decode(ApiRequest request, Func<string, RefusedException> refusal)
    {
        var body = request.Body as Json.Map;
        if (body is not null && body.TextOf("apiVersion") is { Length: > 0 } apiVersion && apiVersion != request.Kind.ApiVersion)
            throw RefusedException.BadRequest("the API version in the data does not match the expected API version");
        if (body is not null && body.TextOf("kind") is { Length: > 0 } kind && kind != request.Kind.Name)
            throw RefusedException.BadRequest("the kind in the data does not match the expected kind");
        try
        {
            var read = Form.Read(body ?? Json.Null, request.Kind);
            return request.Kind.Name == Kinds.Namespace.Name && age != ApiServerAge.Kubernetes120 ? WithNameLabel(read) : read;
        }
        catch (FormException e)
        {
            throw refusal(e.Message);
        }
    }

    /// <summary>Today's API servers label each namespace with its name.</summary>
    private static Json.Map WithNameLabel(Json.Map body)
    {
        var metadata = body.MapOf("metadata");
        return body.With("metadata", metadata.With("labels", metadata.MapOf("labels").With("kubernetes.io/metadata.name", metadata.TextOf("name"))));
    }

    /// <summary>An object with a JSON merge patch (RFC 7396): null takes a member away.</summary>
    private static Json Merged(Json? live, Json? patch)
    {
        if (patch is not Json.Map changes)
            return patch ?? Json.Null;
        var merged = live as Json.Map ?? Json.Empty;
        foreach (var (name, change) in changes.Members)
            merged = merged.With(name, change.Equals(Json.Null) ? null : Merged(merged[name], change));
        return merged;
    }

    private static string NameIn(Json.Map body) => body.MapOf("metadata").TextOf("name");

    /// <summary>Name and namespace in a body must be those of the request, as far as they are given.</summary>
    private static void CheckPlace(ApiRequest request, Json.Map body)
    {
        var metadata = body.MapOf("metadata");
        if (metadata.TextOf("name") != request.Name)
            throw RefusedException.BadRequest("the name of the object does not match the name on the URL");
        if (request.Kind.Namespaced && metadata.TextOf("namespace") is { Length: > 0 } given && given != request.Namespace)
            throw RefusedException.BadRequest("the namespace of the object does not match the namespace on the URL");
    }

    private static Json.Map Prepared(Kind kind, Json.Map body) => kind.Name == Kinds.Namespace.Name
        ? body.With("spec", Json.Of(("finalizers", new Json.List([Json.Of("kubernetes")])))).With("status", Json.Of(("phase", Json.Of("Active"))))
        : body;

    /// <summary>UIDs have the usual form and come in the same order in every run.</summary>
    private string NextUid() => $"00000000-0000-4000-8000-{++uids:x12}";
}
