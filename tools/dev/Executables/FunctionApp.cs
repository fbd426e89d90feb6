using System.Runtime.InteropServices;

namespace Heliograph.Dev.Executables;

/// <summary>The function app as it is deployed: a folder with host.json, the program, and one folder for each function.</summary>
internal static class FunctionApp
{
    public const string ProgramName = "heliograph-handler";
    public const string HostFile = "host.json";
    public const string FunctionFile = "function.json";

    private const string Project = "Heliograph.Handler";

    /// <summary>Publishes the app into a directory, over what an earlier publication left there.</summary>
    /// <param name="directory">The directory; anything but an empty one or an earlier publication is refused.</param>
    /// <param name="jit">Whether the program shall run on .NET's runtime.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <returns>Whether the program is the native one that ships.</returns>
    /// <exception cref="UserMistakeException">Something else is in the directory.</exception>
    public static async Task<bool> PublishAsync(string directory, bool jit, CancellationToken cancellation)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any() && !File.Exists(Path.Combine(directory, HostFile)))
            throw new UserMistakeException($"{directory} is neither empty nor a function app: name another directory.");
        var native = !jit && await NativeBuild.Handler.MakeAsync(cancellation);
        var built = native ? NativeBuild.PublishDirectory(Project) : Repository.At("artifacts", "bin", Project, "release");
        if (!File.Exists(Path.Combine(built, ProgramName)))
            throw new DevException($"{Path.Combine(built, ProgramName)} is missing: remove {Repository.At("artifacts")} and start ./dev again.");
        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories).Where(file => IsPart(Path.GetRelativePath(built, file), native)))
            Copy(file, Path.Combine(directory, Path.GetRelativePath(built, file)));
        return native;
    }

    private static bool IsPart(string path, bool native) =>
        path is ProgramName or HostFile || Path.GetFileName(path) == FunctionFile || (!native && Path.GetExtension(path) is ".dll" or ".json");

    private static void Copy(string file, string place)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        // A program that runs cannot be written over, but it can be replaced.
        File.Delete(place);
        File.Copy(file, place);
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows) && Path.GetFileName(file) == ProgramName)
            File.SetUnixFileMode(place, File.GetUnixFileMode(place) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }
}
