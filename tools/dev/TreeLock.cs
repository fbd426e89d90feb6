namespace Heliograph.Dev;

/// <summary>
/// The lock under which this tree is built, the same that the script <c>dev</c> takes: .NET's exclusive open is flock(2).
/// </summary>
internal static class TreeLock
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until no other build is running; builds are free to run while the result is not disposed of.</summary>
    public static async Task<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        var path = Repository.Work("lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!told)
                    Progress.ToStderr.Report("another build of this tree is running; waiting for it");
                await Task.Delay(PollInterval, cancellation);
            }
        }
    }
}
