using System.CommandLine;
using Heliograph.ControlPlane;
using Heliograph.Dev.Benchmarks;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev bench</c>: how fast, how thrifty, next to what the API server itself can do in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var jit = CommonOptions.Jit();
        var command = new Command(
            "bench",
            "Measures on a control plane of its own: the time from a change to its mirror and from a start to the first event handled, fan-outs to 200 and 1,000 namespaces next to the same writes by a "
            + "tight parallel client, API requests by verb, and the memory of both processes with 10,000 unrelated Secrets. Prints a table.")
        {
            jit,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(jit), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool jit, CancellationToken cancellation)
    {
        var programs = await Programs.PrepareAsync(jit, cancellation);
        await using var cluster = await LocalControlPlane.StartAsync(new ControlPlaneOptions(), Progress.ToStderr, cancellation);
        using var world = new BenchWorld(cluster);
        using var instance = Instance.Create();
        var report = new BenchReport(programs.Native ? "native binaries" : "on .NET's runtime (no native toolchain here)", cluster.Version.ToString());
        var bench = new Bench(world, report, programs, cluster.AdminKubeconfig, instance);
        await bench.RunAsync(cancellation);
        await Console.Out.WriteAsync(report.ToString());
        return ExitCode.Done;
    }
}
