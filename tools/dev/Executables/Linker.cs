namespace Heliograph.Dev.Executables;

/// <summary>What a native build needs of the system: a C compiler that links.</summary>
internal static class Linker
{
    /// <summary>Null where there is one, perhaps because it was just installed; else why not.</summary>
    public static async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        if (await WorksAsync(cancellation))
            return null;
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Tool.Find("apt-get") is null)
            return "there is no working clang (on Debian: apt-get install clang zlib1g-dev)";
        var log = Repository.Work("apt.log");
        var installed = await AptAsync(["update"], log, cancellation) && await AptAsync(["install", "clang", "zlib1g-dev"], log, cancellation);
        return installed && await WorksAsync(cancellation) ? null : $"clang is missing and could not be installed (see {log})";
    }

    private static async Task<bool> AptAsync(string[] arguments, string log, CancellationToken cancellation) => await Tool.RunAsync(
        $"apt-get {string.Join(' ', arguments)}", log, "env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", .. arguments], cancellation) == 0;

    /// <summary>Links a program of nothing: that the compiler is there says little if the C library's files are not.</summary>
    private static async Task<bool> WorksAsync(CancellationToken cancellation)
    {
        if (Tool.Find("clang") is null)
            return false;
        var directory = Directory.CreateTempSubdirectory("heliograph-linker-");
        try
        {
            var source = Path.Combine(directory.FullName, "nothing.c");
            await File.WriteAllTextAsync(source, "int main(void) { return 0; }\n", cancellation);
            string[] arguments = [source, "-lz", "-o", Path.Combine(directory.FullName, "nothing")];
            return await Tool.RunAsync(null, Path.Combine(directory.FullName, "log"), "clang", arguments, cancellation) == 0;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
