using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Heliograph.Watching;

/// <summary>Eight bytes that stand for a text of any length, so that it can be compared later and need not be kept.</summary>
internal static class TextDigest
{
    public static ulong Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
