namespace Heliograph.ControlPlane;

/// <summary>The binaries of a control plane.</summary>
/// <param name="Directory">Where they are.</param>
/// <param name="Origin">How they were found, for messages: <c>$KUBEBUILDER_ASSETS</c> or <c>the cache</c>.</param>
/// <param name="HasControllerManager">Whether kube-controller-manager is among them.</param>
public sealed record ControlPlaneAssets(string Directory, string Origin, bool HasControllerManager)
{
    /// <summary>The ecosystem's name for "the binaries are here".</summary>
    public const string DirectoryVariable = "KUBEBUILDER_ASSETS";

    internal const string EtcdName = "etcd";
    internal const string ApiServerName = "kube-apiserver";
    internal const string ControllerManagerName = "kube-controller-manager";

    internal string Etcd => Path.Combine(Directory, EtcdName);
    internal string ApiServer => Path.Combine(Directory, ApiServerName);
    internal string ControllerManager => Path.Combine(Directory, ControllerManagerName);

    /// <summary>
    /// Finds the binaries: in <c>$KUBEBUILDER_ASSETS</c> if that is set, else in the user's cache, which is built from Debian's
    /// packages if it is missing or damaged. That takes some minutes; every line of its progress is reported.
    /// </summary>
    /// <exception cref="ControlPlaneException">A binary is missing, or the build failed; the message says what to do.</exception>
    public static Task<ControlPlaneAssets> LocateAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var directory = Environment.GetEnvironmentVariable(DirectoryVariable);
        return string.IsNullOrEmpty(directory)
            ? FromCacheAsync(progress, cancellationToken)
            : Task.FromResult(FromDirectory(directory, $"${DirectoryVariable}", progress));
    }

    internal static ControlPlaneAssets FromDirectory(string directory, string origin, IProgress<string>? progress)
    {
        if (!System.IO.Directory.Exists(directory))
            throw new ControlPlaneException($"{origin} is {directory}, which is not a directory. {Remedy}");
        var full = Path.GetFullPath(directory);
        foreach (var name in (string[])[EtcdName, ApiServerName])
        {
            if (Fault(Path.Combine(full, name)) is { } fault)
                throw new ControlPlaneException($"{origin} is {directory}, but {name} {fault}. {Remedy}");
        }

        var missing = Fault(Path.Combine(full, ControllerManagerName));
        if (missing is not null)
        {
            progress?.Report($"{ControllerManagerName} {missing} in {directory}: deleted namespaces will stay Terminating, "
                + "nothing is garbage-collected, namespaces get no default ServiceAccount and quotas no status");
        }

        return new ControlPlaneAssets(full, origin, missing is null);
    }

    private static string Remedy =>
        $"Put {EtcdName}, {ApiServerName} and {ControllerManagerName} there, "
        + $"or unset ${DirectoryVariable} to use the ones built from Debian's packages.";

    private static string? Fault(string program)
    {
        if (!File.Exists(program))
            return "is missing";
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(program) & execute) == 0 ? "cannot be executed" : null;
    }

    private static async Task<ControlPlaneAssets> FromCacheAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var directory = await DebianBuild.RunAsync(progress, cancellationToken).ConfigureAwait(false);
        return FromDirectory(directory, "the cache", progress);
    }
}
