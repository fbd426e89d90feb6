using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Heliograph.ControlPlane;

/// <summary>
/// The directories of control planes, and what to do with those whose owner died without cleaning up. A process is only ended if it
/// works inside such a directory: process ids written down yesterday may belong to somebody else today.
/// </summary>
internal static class StaleDirectories
{
    private const string Prefix = "heliograph-control-plane-";
    private const string OwnerFile = "owner";

    /// <summary>A new directory, readable by its owner alone, that says whose it is.</summary>
    public static string Create()
    {
        var directory = Directory.CreateTempSubdirectory(Prefix).FullName;
        if (Identity(Environment.ProcessId) is { } self)
            File.WriteAllText(Path.Combine(directory, OwnerFile), self);
        return directory;
    }

    /// <summary>Takes a directory out of the reach of every later <c>Reap</c>.</summary>
    public static void Keep(string directory) => File.Delete(Path.Combine(directory, OwnerFile));

    /// <summary>Ends what dead owners left running and removes their directories.</summary>
    public static void Reap(IProgress<string>? progress) => Reap(Path.GetTempPath(), progress);

    internal static void Reap(string parent, IProgress<string>? progress)
    {
        foreach (var directory in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            if (!IsStale(directory))
                continue;
            progress?.Report($"removing {directory}, whose owner is gone");
            foreach (var process in ProcessesInside(directory))
                Signals.Send(process, Signals.Kill);
            TryDelete(directory);
        }
    }

    /// <summary>Removes a directory; what cannot be removed now is left to the next start.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Only for IOException and UnauthorizedAccessException, see the filter.")]
    public static void TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static bool IsStale(string directory)
    {
        try
        {
            var owner = File.ReadAllText(Path.Combine(directory, OwnerFile)).Split(' ');
            // A process id means something only in the namespace it was given in.
            return owner.Length == 3 && owner[2] == ProcessNamespace() && IsProcess(owner[0], out var id)
                && Identity(id) != string.Join(' ', owner);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Process id, time of its start, namespace of process ids; null if there is no such process or no /proc.</summary>
    private static string? Identity(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The name in parentheses may hold anything; the start is the 20th field after it.
            var start = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
            return string.Create(CultureInfo.InvariantCulture, $"{process} {start} {ProcessNamespace()}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string ProcessNamespace() => new FileInfo("/proc/self/ns/pid").LinkTarget ?? "none";

    private static IEnumerable<int> ProcessesInside(string directory)
    {
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (IsProcess(Path.GetFileName(entry), out var process) && WorkingDirectory(entry) == directory)
                yield return process;
        }
    }

    private static bool IsProcess(string text, out int process) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out process);

    private static string? WorkingDirectory(string entry)
    {
        try
        {
            return new FileInfo(Path.Combine(entry, "cwd")).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
