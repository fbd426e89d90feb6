using System.CommandLine;
using Heliograph.ControlPlane;
using Heliograph.Dev.Benchmarks;
using Heliograph.Dev.Clusters;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev bench</c>: how fast, how thrifty, next to what the API server itself can do in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var jit = CommonOptions.Jit();
        var inheritance = new Option<bool>("--inheritance") { Description = "Measure a tree of 1,000 namespaces instead, in which each inherits 20 Secrets: from nothing, after a change, after a move." };
        var command = new Command(
            "bench",
            "Measures on a control plane of its own: the time from a change to its mirror and from a start to the first event handled, fan-outs to 200 and 1,000 namespaces next to the same writes by a "
            + "tight parallel client, API requests by verb, and the memory of both processes with 10,000 unrelated Secrets. Prints a table.")
        {
            jit, inheritance,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(jit), parsed.GetValue(inheritance), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool jit, bool inheritance, CancellationToken cancellation)
    {
        var programs = await Programs.PrepareAsync(jit, cancellation);
        await using var cluster = await LocalControlPlane.StartAsync(new ControlPlaneOptions(), Progress.ToStderr, cancellation);
        using var world = new BenchWorld(cluster);
        using var instance = Instance.Create();
        var report = new BenchReport(programs.Native ? "native binaries" : "on .NET's runtime (no native toolchain here)", cluster.Version.ToString());
        if (inheritance)
            await TreeAsync(cluster, report, programs, instance, cancellation);
        else
            await new Bench(world, report, programs, cluster.AdminKubeconfig, instance).RunAsync(cancellation);
        await Console.Out.WriteAsync(report.ToString());
        return ExitCode.Done;
    }

    private static async Task TreeAsync(LocalControlPlane cluster, BenchReport report, Programs programs, Instance instance, CancellationToken cancellation)
    {
        using var client = cluster.CreateAdminClient();
        using var installer = Api.Connect(cluster.AdminKubeconfig);
        await new TreeBench(new TreeWorld(client, installer), report, programs, cluster.AdminKubeconfig, instance).RunAsync(cancellation);
    }
}
