using System.Security.Cryptography;
using System.Text;

namespace Heliograph.Dev.Executables;

/// <summary>One line for the content of all files that a build reads.</summary>
internal static class Fingerprint
{
    public static string Of(params ReadOnlySpan<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            var files = Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories) : [path];
            foreach (var file in files.Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(file + '\0'));
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
