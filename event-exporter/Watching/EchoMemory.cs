using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// What must be remembered of a mirror to know our own writes when they come back. Two things make an echo: the mirror bears a source version
/// it did not bear before and only we wrote what we copy; or whoever wrote, everything of ours is as it was.
/// </summary>
/// <remarks>
/// A state that was seen written is the whole of our copy. A state that was only met (in a list, or after somebody else's write) may lack a key that
/// somebody deleted; if it were taken for the whole, deleting that key again would look as if nothing had happened. So such a baseline
/// is replaced by every clean state that differs from it, and each of those is told.
/// </remarks>
internal readonly record struct EchoMemory
{
    private const string VersionPath = "annotations/" + Vocabulary.Heliograph.SourceVersion;

    private readonly ulong baseline;
    private readonly uint version;
    private readonly Trust trust;

    private EchoMemory(uint version, ulong baseline, Trust trust) => (this.version, this.baseline, this.trust) = (version, baseline, trust);

    private enum Trust : byte
    {
        /// <summary>Not a mirror we made.</summary>
        NotOurs,

        /// <summary>Somebody cleared the managed fields. Keys that nobody owns since can go unseen, so nothing is an echo any more.</summary>
        Blind,

        /// <summary>A mirror we made, in a state of which others wrote a part; nothing to compare with.</summary>
        NoBaseline,

        /// <summary>The baseline is a state that was met.</summary>
        Met,

        /// <summary>The baseline is a state that we were seen to write.</summary>
        Written,
    }

    /// <summary>What a list shows. It cannot tell whether we wrote last.</summary>
    public static EchoMemory Listed(EchoMemory before, Snapshot mirror, ObjectRole role) =>
        before.trust == Trust.Blind ? before
        : role.CopiedVersion is { } copied ? Met(mirror, Short(copied))
        : default;

    /// <summary>Judges a line of a watch.</summary>
    /// <param name="before">What was remembered; the default where the mirror was not known.</param>
    /// <param name="mirror">The object's new state.</param>
    /// <param name="role">Its role, read off that state.</param>
    /// <returns>Whether it is an echo, and what to remember now.</returns>
    public static (bool IsEcho, EchoMemory After) Judge(EchoMemory before, Snapshot mirror, ObjectRole role)
    {
        if (before.trust == Trust.Blind || role.CopiedVersion is not { } copied)
            return (false, before.trust == Trust.Blind ? before : default);
        var version = Short(copied);
        var isNew = before.trust == Trust.NotOurs || before.version != version;
        if (isNew && IsClean(mirror.Ownership))
            return (true, new EchoMemory(version, Digest(mirror), Trust.Written));
        if (!isNew && before.trust >= Trust.Met && before.baseline == Digest(mirror))
            return (true, before);
        return (false, !isNew && before.trust == Trust.Written && mirror.Ownership.Known ? before : Met(mirror, version));
    }

    private static EchoMemory Met(Snapshot mirror, uint version) =>
        !mirror.Ownership.Known ? new EchoMemory(version, 0, Trust.Blind)
        : IsClean(mirror.Ownership) ? new EchoMemory(version, Digest(mirror), Trust.Met)
        : new EchoMemory(version, 0, Trust.NoBaseline);

    /// <summary>Whether we wrote the source's version, and nobody else alone wrote a copied field.</summary>
    private static bool IsClean(FieldOwnership ownership)
    {
        if (ownership.Ours.BinarySearch(VersionPath, StringComparer.Ordinal) < 0)
            return false;
        foreach (var path in ownership.Others)
        {
            if (ownership.Ours.BinarySearch(path, StringComparer.Ordinal) < 0)
                return false;
        }
        return true;
    }

    /// <summary>Changes whenever anything changes that we wrote: who owns which copied field, and every annotation that means something.</summary>
    private static ulong Digest(Snapshot mirror)
    {
        var text = new StringBuilder(mirror.Ownership.Digest.ToString("x", CultureInfo.InvariantCulture));
        foreach (var (key, value) in mirror.Annotations.Where(a => Means(a.Key)).OrderBy(a => a.Key, StringComparer.Ordinal))
            text.Append('\n').Append(key).Append('\0').Append(value);
        return TextDigest.Of(text.ToString());
    }

    /// <summary>The time stamps of the peers, and by what knowledge a copy was written, differ with every copy and say nothing of what is in it.</summary>
    private static bool Means(string key) =>
        Vocabulary.Contains(key) && key is not (Vocabulary.Reflector.ReflectedAt or Vocabulary.Replicator.ReplicatedAt or Vocabulary.Heliograph.NamespacesVersion);

    private static uint Short(string text) => (uint)TextDigest.Of(text);
}
