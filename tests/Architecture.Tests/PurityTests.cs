using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Heliograph.Architecture.Tests;

/// <summary>
/// Decisions are made without clock, randomness, task, logger, file or network: what they depend on is what they are given.
/// </summary>
public sealed class PurityTests
{
    private static readonly string[] Forbidden =
    [
        "System.IO.", "System.Net.", "System.Console", "System.Diagnostics.Process", "System.Diagnostics.Stopwatch",
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.TimeProvider", "System.Environment.", "System.Random", "System.Guid.NewGuid", "System.Guid.CreateVersion7",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.Threading.", "System.Runtime.CompilerServices.AsyncTaskMethodBuilder", "Microsoft.Extensions.",
    ];

    /// <summary>What is none of it, although its name begins so.</summary>
    private static readonly string[] Harmless =
    [
        // Matches a glob against a text; it looks at no file.
        "System.IO.Enumeration.FileSystemName",
        // How many patterns of one source ran out of time is counted by whoever judges it.
        "System.Threading.Interlocked", "System.Threading.Volatile",
        // What compilers put into iterators.
        "System.Environment.get_CurrentManagedThreadId",
    ];

    public static TheoryData<string> PureAssemblies => ["Heliograph.Model", "Heliograph.Rules", "Heliograph.Watching"];

    [Theory]
    [MemberData(nameof(PureAssemblies))]
    public void Pure_projects_refer_to_nothing_that_acts(string assembly) => Assert.Empty(Impurities(assembly));

    [Fact]
    public void The_check_finds_each_kind_of_impurity()
    {
        var found = Impurities(typeof(PurityTests).Assembly.GetName().Name!);
        foreach (var impurity in (string[])
            [
                "System.IO.File.ReadAllText", "System.Net.Http.HttpClient", "System.DateTimeOffset.get_UtcNow", "System.Random.get_Shared", "System.Guid.NewGuid",
                "System.Threading.Tasks.Task", "System.TimeProvider.get_System", "System.Environment.get_TickCount64", "Microsoft.Extensions.Logging.ILogger",
                "System.Diagnostics.Stopwatch.GetTimestamp",
            ])
            Assert.Contains(impurity, found);
    }

    private static string[] Impurities(string assembly) =>
    [
        .. CodeReferences.Of(assembly).Members.Where(member =>
            Array.Exists(Forbidden, start => member.StartsWith(start, StringComparison.Ordinal))
            && !Array.Exists(Harmless, start => member.StartsWith(start, StringComparison.Ordinal))),
    ];

    /// <summary>One of everything that is forbidden, so that the check has something to find.</summary>
    [SuppressMessage("Performance", "CA1812", Justification = "It is there to be compiled.")]
    private sealed class Canary(ILogger logger)
    {
        public async Task<string> ActAsync(HttpClient client)
        {
            await Task.Delay(TimeSpan.FromTicks(Random.Shared.Next()), TimeProvider.System);
            return $"{logger}{client.Timeout}{DateTimeOffset.UtcNow}{Guid.NewGuid()}{Environment.TickCount64}{System.Diagnostics.Stopwatch.GetTimestamp()}"
                + File.ReadAllText("/dev/null");
        }
    }
}
