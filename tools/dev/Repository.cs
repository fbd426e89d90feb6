namespace Heliograph.Dev;

/// <summary>Where the parts of the working tree are.</summary>
internal static class Repository
{
    private static readonly Lazy<string> FoundRoot = new(FindRoot);

    public static string Root => FoundRoot.Value;

    public static string At(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>What this command keeps for itself; not part of the repository.</summary>
    public static string Work(string name) => At("artifacts", "dev", name);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Functions.sln")))
                return directory.FullName;
        }
        throw new DevException($"{AppContext.BaseDirectory} is not inside a working tree of Heliograph: start it by ./dev.");
    }
}
