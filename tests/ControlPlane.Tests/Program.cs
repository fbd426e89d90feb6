using System.Runtime.Versioning;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;
using Xunit.Sdk;
using Xunit.v3;

// One control plane at a time: they are heavy, and some tests set environment variables.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: UnsupportedOSPlatform("windows")]

namespace Heliograph.ControlPlane.Tests;

internal static class Program
{
    /// <summary>The argument with which this program starts a control plane, tells of it, and waits to be killed.</summary>
    public const string Hold = "hold-a-control-plane";

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [Hold])
            return await HoldAsync();
        return arguments.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(arguments);
    }

    private static async Task<int> HoldAsync()
    {
        var controlPlane = await LocalControlPlane.StartAsync(new ControlPlaneOptions { ControllerManager = false });
        Console.WriteLine(controlPlane.Directory);
        Console.WriteLine(string.Join(' ', controlPlane.ProcessIds));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
