using System.Security.Cryptography;
using System.Text;

namespace Heliograph.Hosting;

/// <summary>
/// A key that exporter and functions share. It may come from a file, which is read again on every use so that it can be rotated without a restart.
/// </summary>
public sealed class SharedKey
{
    /// <summary>The header that carries the key, as Azure Functions has it.</summary>
    public const string HeaderName = "x-functions-key";

    private readonly string? value;
    private readonly string? file;

    private SharedKey(string? value, string? file)
    {
        this.value = value;
        this.file = file;
    }

    /// <summary>A key given as such.</summary>
    public static SharedKey Of(string value) => new(value, null);

    /// <summary>A key in a file; white space around it does not count.</summary>
    public static SharedKey InFile(string path) => new(null, path);

    /// <summary>Reads key or key file from settings; both at once, neither, or a file that cannot be read is a problem.</summary>
    public static SharedKey? Read(SettingsReader settings, Setting key, Setting keyFile)
    {
        if (settings.Text(key) is null && settings.Text(keyFile) is null)
            settings.Report(key, $"or {keyFile.Name} must be set (and not both)");
        return ReadOptional(settings, key, keyFile);
    }

    /// <summary>Reads key or key file from settings, null where there is neither; both at once, or a file that cannot be read is a problem.</summary>
    public static SharedKey? ReadOptional(SettingsReader settings, Setting key, Setting keyFile)
    {
        switch (settings.Text(key), settings.Text(keyFile))
        {
            case ({ } text, null):
                return Of(text);
            case (null, { } path):
                var shared = InFile(path);
                if (shared.Current() is null)
                    settings.Report(keyFile, $"names {path}, which cannot be read or is empty");
                return shared;
            case (null, null):
                return null;
            default:
                settings.Report(key, $"or {keyFile.Name} must be set (and not both)");
                return null;
        }
    }

    /// <summary>The key as it is now; null where its file cannot be read or is empty: then nothing is accepted.</summary>
    public string? Current()
    {
        if (file is null)
            return value;
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a presented key is the one, in a time that does not depend on where they differ.</summary>
    public bool Matches(string? presented) =>
        presented is { Length: > 0 } && Current() is { } current
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), SHA256.HashData(Encoding.UTF8.GetBytes(current)));

    /// <summary>Never the key.</summary>
    public override string ToString() => file is null ? "a key" : $"the key in {file}";
}
