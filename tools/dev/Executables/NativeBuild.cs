using System.Runtime.InteropServices;

namespace Heliograph.Dev.Executables;

/// <summary>Publishes programs as native binaries, and only when their sources have changed.</summary>
/// <param name="name">What they are called together, for the files of the build.</param>
/// <param name="projects">Their project files, from the root of the tree.</param>
internal sealed class NativeBuild(string name, params string[] projects)
{
    /// <summary>The two that run together.</summary>
    public static NativeBuild Pair { get; } =
        new("native", "functions/Standalone/Heliograph.Standalone.csproj", "event-exporter/App/Heliograph.Exporter.csproj");

    /// <summary>The functions under the Azure Functions host.</summary>
    public static NativeBuild Handler { get; } = new("native-handler", "functions/CustomHandler/Heliograph.Handler.csproj");

    /// <summary>The plugin of kubectl.</summary>
    public static NativeBuild KubectlHns { get; } = new("native-kubectl-hns", "tools/kubectl-hns/Heliograph.Hns.csproj");

    public static string PublishDirectory(string project) =>
        Repository.At("artifacts", "native", "publish", project, $"release_{RuntimeInformation.RuntimeIdentifier}");

    private string Stamp => Repository.Work(name);

    /// <summary>Makes them; false where this machine cannot, which has been told.</summary>
    public async Task<bool> MakeAsync(CancellationToken cancellation)
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

    private bool IsUpToDate(out string wanted)
    {
        wanted = Fingerprint.Of(
            [.. projects.Select(project => Repository.At(Path.GetDirectoryName(project)!)),
            Repository.At("functions"), Repository.At("event-exporter"), Repository.At("host.json"), Repository.At("Directory.Build.props"), Repository.At("Directory.Packages.props"),
            Repository.At("global.json"), Repository.At("tools", "dev", "Executables", "native.proj")]);
        return File.Exists(Stamp) && File.ReadAllText(Stamp) == wanted;
    }

    private async Task<bool> PublishAsync(CancellationToken cancellation)
    {
        var log = Repository.Work(name + ".log");
        var code = await Tool.RunAsync(
            "building the native programs", log, "dotnet",
            ["msbuild", Repository.At("tools", "dev", "Executables", "native.proj"), "-m", "-nodeReuse:false", "-nologo", "-v:minimal", "-tl:off",
                "-p:UseSharedCompilation=false", $"-p:Programs=\"{string.Join(';', projects)}\"", $"-p:RuntimeIdentifier={RuntimeInformation.RuntimeIdentifier}"],
            cancellation);
        if (code == 0)
            return true;
        Progress.ToStderr.Report(
            $"the native build failed, so the programs run on .NET's runtime, unlike what ships; all of it is in {log}, which ends\n{Tool.Tail(log)}");
        return false;
    }
}
