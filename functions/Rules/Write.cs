using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>How a write reaches the API server. Chosen per case by <c>Render</c>; the costs are measured in the benchmarks.</summary>
public enum WriteVerb
{
    /// <summary>POST: there must be nothing of that name.</summary>
    Create,

    /// <summary>PUT of the whole object with the version that was read: the cheapest update, for kinds that are written whole.</summary>
    Replace,

    /// <summary>JSON merge patch with the version that was read: for mirrors that hold more than we copied.</summary>
    Patch,

    /// <summary>Server-side apply, forced, with the version that was read: makes us the owner of fields that somebody else wrote.</summary>
    Apply,

    /// <summary>DELETE with UID and version as preconditions.</summary>
    Delete,
}

/// <summary>One request that changes the cluster, ready to be sent. Every verb but <see cref="WriteVerb.Create"/> rests on the version that was read.</summary>
/// <param name="Verb">How it is sent.</param>
/// <param name="Kind">The object's row of the kinds table.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Body">The request's body as JSON; may hold secrets.</param>
public sealed record Write(WriteVerb Verb, Kind Kind, string Namespace, string Name, ReadOnlyMemory<byte> Body)
{
    /// <summary>The field manager under which it is sent.</summary>
    public string Manager { get; init; } = Vocabulary.FieldManager;

    /// <summary>The object written.</summary>
    public ResourceRef Target => new(Kind.Name, Namespace, Name);

    /// <summary>Names verb and object, never the body.</summary>
    public override string ToString() => $"{Verb} {Target}";
}
