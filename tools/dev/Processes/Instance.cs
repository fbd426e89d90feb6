using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.ControlPlane;

namespace Heliograph.Dev.Processes;

/// <summary>
/// A running <c>up</c> or <c>run</c>, as other commands find it: a directory that only its owner can read, with the key and where the
/// functions listen. What a killed one left is removed by the next.
/// </summary>
internal sealed class Instance : IDisposable
{
    private const string StateFile = "instance.json";

    private Instance(string directory, ProcessIdentity owner)
    {
        Directory = directory;
        Owner = owner;
    }

    public string Directory { get; }

    public ProcessIdentity Owner { get; }

    public Uri? Functions { get; private init; }

    public string KeyFile { get; private init; } = "";

    public string What { get; private init; } = "";

    private static string Root
    {
        get
        {
            if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && System.IO.Directory.Exists(runtime))
                return Path.Combine(runtime, "heliograph");
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set
                ? set
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(cache, "heliograph", "run");
        }
    }

    /// <summary>A directory for this process, with a new random key in it.</summary>
    public static Instance Create()
    {
        RemoveDead();
        var path = Path.Combine(Root, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        System.IO.Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var keyFile = Path.Combine(path, "key");
        PrivateFile.Write(keyFile, Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        return new Instance(path, ProcessIdentity.Self) { KeyFile = keyFile };
    }

    /// <summary>Lets other commands find it.</summary>
    /// <param name="what">Command and cluster, for a person who has to choose.</param>
    /// <param name="functions">Where the functions listen.</param>
    /// <param name="keyFile">Where the key is that they accept.</param>
    public void Announce(string what, Uri functions, string keyFile) => PrivateFile.Write(
        Path.Combine(Directory, StateFile),
        new JsonObject { ["owner"] = Owner.ToString(), ["what"] = what, ["functions"] = functions.ToString(), ["keyFile"] = keyFile }.ToJsonString());

    /// <summary>Those that run now.</summary>
    public static IReadOnlyList<Instance> Running() =>
        [.. Directories().Select(Read).OfType<Instance>().Where(instance => instance.Owner.IsAlive)];

    public void Dispose() => Delete(Directory);

    private static IEnumerable<string> Directories() => System.IO.Directory.Exists(Root) ? System.IO.Directory.EnumerateDirectories(Root) : [];

    private static Instance? Read(string directory)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, StateFile)))!;
            return ProcessIdentity.Parse((string?)json["owner"]) is { } owner
                ? new Instance(directory, owner)
                {
                    Functions = new Uri((string)json["functions"]!),
                    KeyFile = (string)json["keyFile"]!,
                    What = (string)json["what"]!,
                }
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The directory's name is the owner's process id.</summary>
    private static void RemoveDead()
    {
        foreach (var directory in Directories())
        {
            var process = Path.GetFileName(directory);
            if (!System.IO.Directory.Exists($"/proc/{process}") || Read(directory) is { Owner.IsAlive: false })
                Delete(directory);
        }
    }

    private static void Delete(string directory)
    {
        try
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next one tries again.
        }
    }
}
