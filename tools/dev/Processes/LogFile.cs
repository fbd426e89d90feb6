namespace Heliograph.Dev.Processes;

/// <summary>The log lines of both programs in a file.</summary>
internal sealed class LogFile(string path) : IDisposable
{
    private readonly StreamWriter writer = new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    private readonly Lock gate = new();
    private bool closed;

    public string Path { get; } = path;

    public void Write(string program, string line)
    {
        lock (gate)
        {
            if (!closed)
                writer.WriteLine(LogLines.Prefixed(program, line));
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            writer.Dispose();
        }
    }
}
