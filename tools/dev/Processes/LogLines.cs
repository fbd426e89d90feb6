using Heliograph.Dev.Executables;

namespace Heliograph.Dev.Processes;

/// <summary>The log lines of both programs, told apart.</summary>
internal static class LogLines
{
    public static void ToStderr(string program, string line) => Console.Error.WriteLine(Prefixed(program, line));

    public static string Prefixed(string program, string line) => $"{(program == Programs.ExporterName ? "exporter " : "functions")} | {line}";
}
