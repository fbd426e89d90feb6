using System.Runtime.InteropServices;

namespace Heliograph.Dev.Executables;

/// <summary>Publishes both programs as native binaries, and only when their sources have changed.</summary>
internal static class NativeBuild
{
    public static string PublishDirectory(string project) =>
        Repository.At("artifacts", "native", "publish", project, $"release_{RuntimeInformation.RuntimeIdentifier}");

    private static string Stamp => Repository.Work("native");

    /// <summary>Makes them; false where this machine cannot, which has been told.</summary>
    public static async Task<bool> MakeAsync(CancellationToken cancellation)
    {
        if (IsUpToDate(out _))
            return true;
        using var turn = await TreeLock.TakeAsync(cancellation);
        if (IsUpToDate(out var wanted))
            return true;
        if (await Linker.ProblemAsync(cancellation) is { } problem)
        {
            Progress.ToStderr.Report($"{problem}, so the programs run on .NET's runtime, unlike what ships");
            return false;
        }
        File.Delete(Stamp);
        if (!await PublishAsync(cancellation))
            return false;
        await File.WriteAllTextAsync(Stamp, wanted, cancellation);
        return true;
    }

    private static bool IsUpToDate(out string wanted)
    {
        wanted = Fingerprint.Of(
            Repository.At("functions"), Repository.At("event-exporter"), Repository.At("Directory.Build.props"), Repository.At("Directory.Packages.props"),
            Repository.At("global.json"), Repository.At("tools", "dev", "Executables", "native.proj"));
        return File.Exists(Stamp) && File.ReadAllText(Stamp) == wanted;
    }

    private static async Task<bool> PublishAsync(CancellationToken cancellation)
    {
        var log = Repository.Work("native.log");
        var code = await Tool.RunAsync(
            "building the native programs", log, "dotnet",
            ["msbuild", Repository.At("tools", "dev", "Executables", "native.proj"), "-m", "-nodeReuse:false", "-nologo", "-v:minimal", "-tl:off",
                "-p:UseSharedCompilation=false", $"-p:RuntimeIdentifier={RuntimeInformation.RuntimeIdentifier}"],
            cancellation);
        if (code == 0)
            return true;
        Progress.ToStderr.Report(
            $"the native build failed, so the programs run on .NET's runtime, unlike what ships; all of it is in {log}, which ends\n{Tool.Tail(log)}");
        return false;
    }
}
