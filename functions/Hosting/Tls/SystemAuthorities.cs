using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.Hosting.Tls;

/// <summary>
/// The authorities that the operating system trusts. Before a process's first TLS connection .NET reads them all, some hundred certificates, even where
/// other authorities are named: a tenth of a second of processor time, two thirds of what a start takes.
/// </summary>
public static partial class SystemAuthorities
{
    /// <summary>OpenSSL's variables for where they are: a file, and a folder.</summary>
    private static readonly string[] variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

    /// <summary>Neither a folder nor a file that holds a certificate.</summary>
    private const string Nowhere = "/dev/null";

    /// <summary>
    /// Makes this process trust none of them, and so need not read them, unless somebody it speaks to is known by nothing else. For the start of a program,
    /// before anything is connected: .NET asks once where they are, and the variables are then as they were, for programs that are started from this one.
    /// </summary>
    /// <param name="areNeeded">Whether somebody needs them.</param>
    public static void LeaveOutUnless(bool areNeeded)
    {
        if (areNeeded || !OperatingSystem.IsLinux())
            return;
        var former = Array.ConvertAll(variables, Environment.GetEnvironmentVariable);
        foreach (var variable in variables)
            _ = Set(variable, Nowhere, overwrite: 1);
        using (var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine))
        {
            store.Open(OpenFlags.ReadOnly);
            _ = store.Certificates;
        }
        foreach (var (variable, value) in variables.Zip(former))
            _ = value is null ? Unset(variable) : Set(variable, value, overwrite: 1);
    }

    /// <summary>.NET's own way changes what .NET sees of the environment, and not what OpenSSL does.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unset(string name);
}
