using System.Runtime.InteropServices;

namespace Heliograph.Handler;

/// <summary>The process that started this one: the Functions host.</summary>
internal sealed partial class ParentProcess
{
    /// <summary>Process 1 takes in orphans; where it is the parent from the start, everything ends with it anyway.</summary>
    private const int Init = 1;

    private readonly int first = Current();

    /// <summary>Whether it can be told that it is gone. On Windows the host's job object ends its children.</summary>
    public bool IsKnown => first > Init;

    /// <summary>Whether it is gone: the kernel has given us another parent.</summary>
    public bool IsGone => IsKnown && Current() != first;

    private static int Current() => OperatingSystem.IsWindows() ? 0 : GetParentProcessId();

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentProcessId();
}
