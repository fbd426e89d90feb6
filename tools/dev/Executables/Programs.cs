namespace Heliograph.Dev.Executables;

/// <summary>The two programs of the product, ready to be started.</summary>
/// <param name="Functions">The path of <c>heliograph-functions</c>.</param>
/// <param name="Exporter">The path of <c>heliograph-exporter</c>.</param>
/// <param name="Native">Whether these are the native binaries that ship.</param>
internal sealed record Programs(string Functions, string Exporter, bool Native)
{
    public const string FunctionsName = "heliograph-functions";
    public const string ExporterName = "heliograph-exporter";

    private const string FunctionsProject = "Heliograph.Standalone";
    private const string ExporterProject = "Heliograph.Exporter";

    /// <summary>
    /// Native binaries where this machine can make them, else the ones that need .NET's runtime, which were built together with this
    /// command.
    /// </summary>
    /// <param name="jit">Whether native ones are not wanted.</param>
    /// <param name="cancellation">Ends the build.</param>
    public static async Task<Programs> PrepareAsync(bool jit, CancellationToken cancellation)
    {
        if (!jit && await NativeBuild.Pair.MakeAsync(cancellation))
            return Existing(NativeBuild.PublishDirectory(FunctionsProject), NativeBuild.PublishDirectory(ExporterProject), native: true);
        return Existing(Built(FunctionsProject), Built(ExporterProject), native: false);
    }

    private static string Built(string project) => Repository.At("artifacts", "bin", project, "release");

    private static Programs Existing(string functionsDirectory, string exporterDirectory, bool native)
    {
        var programs = new Programs(Path.Combine(functionsDirectory, FunctionsName), Path.Combine(exporterDirectory, ExporterName), native);
        foreach (var program in (string[])[programs.Functions, programs.Exporter])
        {
            if (!File.Exists(program))
                throw new DevException($"{program} is missing: remove {Repository.At("artifacts")} and start ./dev again.");
        }
        return programs;
    }
}
