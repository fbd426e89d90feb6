using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Heliograph.Model;

/// <summary>
/// What <c>metadata.managedFields</c> tells about who last wrote which field. The API server moves the ownership of a field to whoever changes its
/// value, so <em>as long as we own a key, its value is the one we wrote</em>. That is how drift is seen without fetching any payload.
/// </summary>
/// <remarks>
/// A value that is written as it was moves nothing: what we PUT unchanged over somebody's value stays theirs, and what somebody PUTs unchanged over ours
/// stays ours. Only an apply makes its manager an owner of equal values, beside whoever owned them. A key that is removed is nobody's.
/// Of what we wrote other than by an apply, we count as ours only what nobody else owns: old API servers (up to 1.21) give a
/// manager that has lost all keys of a mapping every key of it back, and would make us vouch for values of others.
/// Paths read <c>data/tls.crt</c> for a key of a <see cref="FieldShape.Map"/> field, <c>rules</c> for a <see cref="FieldShape.Whole"/> field,
/// and <c>labels/…</c>, <c>annotations/…</c>, <c>ownerReferences/&lt;uid&gt;</c> for metadata. All lists are sorted ordinally and free of duplicates.
/// A <see cref="FieldShape.Whole"/> field that the API server tracks entry by entry (a ServiceAccount's <c>imagePullSecrets</c>) has one path all the
/// same, and everybody who owns any entry owns it.
/// </remarks>
public sealed record FieldOwnership
{
    /// <summary>Nothing is known: the API server sent no managed fields, or somebody cleared them.</summary>
    public static FieldOwnership Unknown { get; } = new() { Known = false };

    /// <summary>Whether there was anything to read. If not, only a look at the payload can tell whether there is drift.</summary>
    public required bool Known { get; init; }

    /// <summary>The paths that <see cref="Vocabulary.FieldManager"/> and, on namespaces, <see cref="Vocabulary.TreeFieldManager"/> own: copied fields, labels, annotations, owner references.</summary>
    public ImmutableArray<string> Ours { get; init; } = [];

    /// <summary>The paths of copied fields that anybody else owns. A path can stand in both lists where we applied a value that somebody else had written.</summary>
    public ImmutableArray<string> Others { get; init; } = [];

    /// <summary>
    /// Whether somebody else owns a mapping but no key of it any more, as whoever made an object that others filled anew. API servers up to 1.21 give
    /// them every key of it with the next write of anybody, be it ours.
    /// </summary>
    public bool IsAnyHollow { get; init; }

    /// <summary>The paths of copied fields, whoever owns them: for a source, the keys it has. Sorted, without duplicates.</summary>
    public ImmutableArray<string> CopiedPaths
    {
        get
        {
            var paths = ImmutableArray.CreateBuilder<string>(Ours.Length + Others.Length);
            var (mine, other) = (0, 0);
            while (mine < Ours.Length || other < Others.Length)
            {
                var order = mine == Ours.Length ? 1 : other == Others.Length ? -1 : string.CompareOrdinal(Ours[mine], Others[other]);
                var path = order <= 0 ? Ours[mine] : Others[other];
                if (!IsMetadata(path))
                    paths.Add(path);
                mine += order <= 0 ? 1 : 0;
                other += order >= 0 ? 1 : 0;
            }
            return paths.ToImmutable();
        }
    }

    /// <summary>
    /// A 64-bit digest of both lists. Two equal digests of one object mean that nobody touched what we wrote in between, or that it was put right.
    /// </summary>
    public ulong Digest
    {
        get
        {
            var text = string.Join('\n', Ours) + '\0' + string.Join('\n', Others);
            return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
    }

    /// <summary>Whether we own a path.</summary>
    public bool IsOurs(string path) => Ours.BinarySearch(path, StringComparer.Ordinal) >= 0;

    /// <summary>Whether anybody else owns a path of a copied field, alone or together with us.</summary>
    public bool IsOthers(string path) => Others.BinarySearch(path, StringComparer.Ordinal) >= 0;

    /// <summary>Whether a path names metadata rather than a copied field.</summary>
    public static bool IsMetadata(string path) =>
        path.StartsWith("labels/", StringComparison.Ordinal)
        || path.StartsWith("annotations/", StringComparison.Ordinal)
        || path.StartsWith("ownerReferences/", StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(FieldOwnership? other) =>
        other is not null && Known == other.Known && IsAnyHollow == other.IsAnyHollow && Ours.AsSpan().SequenceEqual(other.Ours.AsSpan()) && Others.AsSpan().SequenceEqual(other.Others.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();
}
