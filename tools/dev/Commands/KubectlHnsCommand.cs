using System.CommandLine;
using Heliograph.Dev.Executables;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev kubectl-hns</c>: makes the plugin and says where it is.</summary>
internal static class KubectlHnsCommand
{
    private const string Project = "Heliograph.Hns";
    private const string ProgramName = "kubectl-hns";

    public static Command Create()
    {
        var jit = CommonOptions.Jit();
        var command = new Command(
            "kubectl-hns",
            "Makes the plugin kubectl-hns and prints the directory it is in: with PATH=\"$PATH:$(./dev kubectl-hns)\" there is kubectl hns.")
        {
            jit,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var native = !parsed.GetValue(jit) && await NativeBuild.KubectlHns.MakeAsync(cancellation);
            var directory = native ? NativeBuild.PublishDirectory(Project) : Repository.At("artifacts", "bin", Project, "release");
            if (!File.Exists(Path.Combine(directory, ProgramName)))
                throw new DevException($"{Path.Combine(directory, ProgramName)} is missing: remove {Repository.At("artifacts")} and start ./dev again.");
            await Console.Out.WriteLineAsync(directory);
            return ExitCode.Done;
        });
        return command;
    }
}
