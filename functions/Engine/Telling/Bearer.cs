using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>The object on which something is told, named so that the API server can attach an Event to it.</summary>
/// <param name="Object">The object.</param>
/// <param name="Uid">Its UID: what is told of an object is not told of the next one of that name.</param>
public sealed record Bearer(ResourceRef Object, string Uid)
{
    /// <summary>Who asks for the mirror in this cell: the object that requests to be filled, or the source that pushes. Where neither is left, what stands.</summary>
    internal static Bearer? Of(Cell cell)
    {
        var asking = cell.Mirror is { } mirror && Dialects.ReadRequest(mirror)?.Source == cell.SourceRef ? mirror : null;
        return (asking ?? cell.Source?.Object ?? cell.Mirror) is { } bearer ? new Bearer(bearer.Ref, bearer.Uid) : null;
    }
}
