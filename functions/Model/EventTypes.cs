namespace Heliograph.Model;

/// <summary>The CloudEvents <c>type</c>s of this project. A receiver acknowledges types it does not know and does nothing.</summary>
public static class EventTypes
{
    /// <summary>An object of concern was created or changed: <see cref="Hint.ObjectChanged"/>.</summary>
    public const string ObjectChanged = "dev.heliograph.object.changed";

    /// <summary>An object of concern was deleted: <see cref="Hint.ObjectChanged"/>.</summary>
    public const string ObjectDeleted = "dev.heliograph.object.deleted";

    /// <summary>A namespace was created or changed: <see cref="Hint.NamespaceChanged"/>.</summary>
    public const string NamespaceChanged = "dev.heliograph.namespace.changed";

    /// <summary>
    /// The HTTP header, with the value <c>true</c>, of requests that come from the exporter itself: no bus in between repeats them, so that what they do not
    /// say is repeated is not. See <see cref="Hint.Repeated"/>.
    /// </summary>
    public const string DirectHeader = "Heliograph-Direct";

    /// <summary>The exporter's lists are complete: <see cref="Hint.SyncCompleted"/>.</summary>
    public const string SyncCompleted = "dev.heliograph.sync.completed";

    /// <summary>Whether a type is one of these. Of any other the data is nobody's business here, and may be anything.</summary>
    public static bool IsOurs(string eventType) => eventType is ObjectChanged or ObjectDeleted or NamespaceChanged or SyncCompleted;
}
