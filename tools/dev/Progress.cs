namespace Heliograph.Dev;

/// <summary>Where the progress of slow steps goes: standard error, because standard output belongs to what was asked for.</summary>
internal sealed class Progress : IProgress<string>
{
    public static Progress ToStderr { get; } = new();

    public void Report(string value) => Console.Error.WriteLine(value);
}
