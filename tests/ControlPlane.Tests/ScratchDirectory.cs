namespace Heliograph.ControlPlane.Tests;

/// <summary>A directory for one test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("control-plane-tests-").FullName;

    public string File(string name) => Path.Combine(FullName, name);

    public string WriteProgram(string name, string script)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, "#!/bin/sh\n" + script);
        System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
