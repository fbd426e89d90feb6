using Heliograph.Model;

namespace Heliograph.Fakes;

/// <content>Namespaces and their end. The real cluster has a controller for that; here a test steps it.</content>
public sealed partial class FakeApiServer
{
    /// <summary>Whether any namespace is being deleted that the namespace controller can do something about.</summary>
    public bool IsAnyNamespaceEnding => Select(Kinds.Namespace, null, null).Any(ns => ns.Deleting);

    /// <summary>
    /// Lets the namespace controller do one thing: delete one object of a namespace that is being deleted, or the namespace once it is empty.
    /// </summary>
    /// <returns>Whether there was anything to do.</returns>
    public bool StepNamespaceController()
    {
        lock (turn)
            return ControlNamespaces();
    }

    /// <summary>Lets the namespace controller do all it can. What has finalizers, and its namespace, stay.</summary>
    public void SettleNamespaces()
    {
        while (StepNamespaceController())
        {
        }
    }

    private bool ControlNamespaces()
    {
        foreach (var ns in Select(Kinds.Namespace, null, null).Where(ns => ns.Deleting))
        {
            var content = objects.Values.Where(stored => stored.Namespace == ns.Name).ToList();
            if (content.FirstOrDefault(stored => !stored.Deleting || stored.Metadata.ItemsOf("finalizers").IsEmpty) is { } next)
            {
                if (next.Metadata.ItemsOf("finalizers").IsEmpty)
                    Commit(next, Change.Deleted);
                else
                    MarkDeleting(next);
                return true;
            }
            if (content.Count == 0 && ns.Metadata.ItemsOf("finalizers").IsEmpty)
            {
                Commit(ns, Change.Deleted);
                return true;
            }
        }
        return false;
    }

    private ApiResponse DeleteNamespace(StoredObject live)
    {
        if (live.Deleting)
            return new ApiResponse(200, live.Body);
        var terminating = new StoredObject(live.Kind, live.Body
            .With("metadata", live.Metadata.With("deletionTimestamp", Now))
            .With("status", live.Body.MapOf("status").With("phase", "Terminating")));
        return new ApiResponse(200, Commit(terminating, Change.Modified).Body);
    }

    private void CheckNamespaceTakesContent(Kind kind, string ns, string name)
    {
        if (!kind.Namespaced)
            return;
        if (!objects.TryGetValue(new ObjectKey(Kinds.Namespace.Name, "", ns), out var found))
            throw RefusedException.NotFound(Kinds.Namespace, ns);
        if (!found.Deleting)
            return;
        throw new RefusedException(403, "Forbidden", $"unable to create new content in namespace {ns} because it is being terminated")
        {
            Subject = (name, kind.Plural),
            Causes = [new Cause("NamespaceTerminating", "metadata.namespace", $"namespace {ns} is being terminated")],
        };
    }
}
