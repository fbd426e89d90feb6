using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>Of which sources an object says that it is, was made as, or asks to be a mirror.</summary>
internal static class Claims
{
    public static IEnumerable<ResourceRef> Of(Snapshot read)
    {
        if (!read.SpeaksToUs)
            return [];
        var claimed = new HashSet<ResourceRef>();
        if (Dialects.ReadRequest(read) is { } request)
            claimed.Add(request.Source);
        if (ResourceRef.TryParse(read.Annotation(Vocabulary.Heliograph.Source), out var made))
            claimed.Add(made);
        if (Dialects.ReadPeerClaim(read) is { } peers)
            claimed.Add(peers);
        return claimed;
    }
}
