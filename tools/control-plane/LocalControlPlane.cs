using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.ControlPlane;

/// <summary>
/// A real control plane on loopback: etcd, kube-apiserver with RBAC, kube-controller-manager. It owns its processes and its directory;
/// disposal ends and removes them, and if this process dies they die with it.
/// </summary>
/// <remarks>The members that start and stop may be called from any thread; they take turns.</remarks>
public sealed class LocalControlPlane : IAsyncDisposable
{
    private const int PortAttempts = 5;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    private readonly ControlPlaneOptions options;
    private readonly ControlPlaneAssets assets;
    private readonly Arguments.Files files;
    private readonly Credentials credentials;
    private readonly SemaphoreSlim turn = new(1, 1);

    private Binary etcdBinary = null!;
    private Binary apiServerBinary = null!;
    private ChildProcess? etcd;
    private ChildProcess? apiServer;
    private ChildProcess? controllerManager;
    private ApiClient? client;
    private int etcdPort;
    private bool stopped;

    private LocalControlPlane(ControlPlaneOptions options, ControlPlaneAssets assets, string directory)
    {
        this.options = options;
        this.assets = assets;
        Directory = directory;
        files = new Arguments.Files(directory);
        credentials = new Credentials(files);
    }

    /// <summary>Its logs, data and kubeconfigs. Gone after disposal, unless <see cref="ControlPlaneOptions.KeepDirectory"/>.</summary>
    public string Directory { get; }

    /// <summary>The API server's address, https on 127.0.0.1. Stays the same over restarts.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What the API server says it is.</summary>
    public KubernetesVersion Version { get; private set; } = null!;

    /// <summary>A kubeconfig with full rights (group system:masters, by token).</summary>
    public string AdminKubeconfig => files.AdminKubeconfig;

    /// <summary>The authority behind the API server's certificate, as a PEM file.</summary>
    public string CertificateAuthority => files.Authority;

    /// <summary>The API server's certificate with its key, good for any port of 127.0.0.1: for proxies that stand in between.</summary>
    public X509Certificate2 ServingCertificate => credentials.ServingCertificate;

    /// <summary>Whether kube-controller-manager was started.</summary>
    public bool HasControllerManager => controllerManager is not null;

    /// <summary>The ids of the processes that run now.</summary>
    public IReadOnlyList<int> ProcessIds => stopped ? [] : [.. Children.Where(child => !child.HasExited).Select(child => child.Id)];

    /// <summary>The id of the API server's process, for measuring it; null while it is stopped.</summary>
    public int? ApiServerProcessId => !stopped && apiServer is { HasExited: false } running ? running.Id : null;

    private IEnumerable<ChildProcess> Children => new[] { controllerManager, apiServer, etcd }.OfType<ChildProcess>();

    /// <summary>
    /// Starts a control plane and waits until it is ready: <c>/readyz</c>, the namespace <c>default</c>, and the controllers at work.
    /// </summary>
    /// <exception cref="ControlPlaneException">
    /// A binary is missing, or a process ended or did not become ready; the message names it and shows the end of its log. The directory
    /// then stays for a look until the next start after this process has ended.
    /// </exception>
    public static async Task<LocalControlPlane> StartAsync(
        ControlPlaneOptions? options = null, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new ControlPlaneOptions();
        var assets = options.Assets ?? await ControlPlaneAssets.LocateAsync(progress, cancellationToken).ConfigureAwait(false);
        StaleDirectories.Reap(progress);
        var controlPlane = new LocalControlPlane(options, assets, StaleDirectories.Create());
        try
        {
            await controlPlane.StartAllAsync(progress, cancellationToken).ConfigureAwait(false);
            return controlPlane;
        }
        catch (ControlPlaneException)
        {
            await controlPlane.StopAsync(removeDirectory: false).ConfigureAwait(false);
            throw;
        }
        catch
        {
            await controlPlane.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>An HTTP client with full rights and this control plane's address as its base.</summary>
    public HttpClient CreateAdminClient() => ApiClient.Create(Address, credentials.AuthorityPem, credentials.AdminToken);

    /// <summary>
    /// Writes a kubeconfig for a ServiceAccount that exists, with a real token of the TokenRequest API in a file of its own
    /// (<c>tokenFile</c>). Calling it again puts a new token into the same file, as a kubelet does.
    /// </summary>
    /// <param name="namespace">The ServiceAccount's namespace.</param>
    /// <param name="name">The ServiceAccount's name.</param>
    /// <param name="lifetime">How long the token is good; the server wants ten minutes at least. Default: one hour.</param>
    /// <param name="address">Where the kubeconfig points, such as a proxy. Default: the API server itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The path of the kubeconfig.</returns>
    /// <exception cref="ControlPlaneException">The ServiceAccount does not exist, or the server refuses.</exception>
    public async Task<string> KubeconfigForServiceAccountAsync(
        string @namespace, string name, TimeSpan? lifetime = null, Uri? address = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(stopped, this);
        var life = lifetime ?? TimeSpan.FromHours(1);
        var token = await client!.RequestTokenAsync(@namespace, name, life, cancellationToken).ConfigureAwait(false);
        var tokenFile = files.Named($"{@namespace}.{name}", "token");
        PrivateFile.Write(tokenFile, token);
        var path = files.Named($"{@namespace}.{name}{Suffix(address)}", "kubeconfig");
        var user = $"system:serviceaccount:{@namespace}:{name}";
        PrivateFile.Write(path, Kubeconfig.WithTokenFile(address ?? Address, credentials.AuthorityPem, user, tokenFile));
        return path;
    }

    /// <summary>Writes a kubeconfig with a client certificate for a user and groups of your choice.</summary>
    /// <returns>The path of the kubeconfig.</returns>
    public string KubeconfigForClientCertificate(string user, params IReadOnlyList<string> groups)
    {
        ObjectDisposedException.ThrowIf(stopped, this);
        var path = files.Named($"certificate.{Uri.EscapeDataString(user)}", "kubeconfig");
        credentials.WriteClientCertificateKubeconfig(Address, path, user, groups);
        return path;
    }

    /// <summary>Writes a kubeconfig with full rights that points somewhere else, such as at a proxy.</summary>
    /// <returns>The path of the kubeconfig.</returns>
    public string AdminKubeconfigVia(Uri address)
    {
        ObjectDisposedException.ThrowIf(stopped, this);
        var path = files.Named($"admin{Suffix(address)}", "kubeconfig");
        credentials.WriteAdminKubeconfig(address, path);
        return path;
    }

    /// <summary>Stops the API server: SIGTERM, and SIGKILL once <see cref="ControlPlaneOptions.ApiServerGrace"/> is over.</summary>
    public Task StopApiServerAsync(CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            apiServer?.Signal(Signals.Terminate);
            if (apiServer is not null && !await apiServer.WaitForEndAsync(options.ApiServerGrace).ConfigureAwait(false))
                await KillAsync(apiServer).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Kills the API server (SIGKILL), as a crash would.</summary>
    public Task KillApiServerAsync(CancellationToken cancellationToken = default) =>
        InTurnAsync(() => apiServer is null ? Task.CompletedTask : KillAsync(apiServer), cancellationToken);

    /// <summary>Starts the API server again, on the same port and data, and waits until it is ready. Does nothing if it runs.</summary>
    /// <exception cref="ControlPlaneException">It ended or did not become ready.</exception>
    public Task StartApiServerAsync(CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            if (apiServer is { HasExited: false })
                return;
            using var deadline = Deadline(cancellationToken);
            for (var attempt = 1; !await TryStartApiServerAsync(deadline.Token, cancellationToken).ConfigureAwait(false); attempt++)
            {
                if (attempt == PortAttempts)
                    throw apiServer!.Ended();
            }
        },
        cancellationToken);

    /// <summary>Stops etcd (SIGTERM, so that it leaves what it was told on disk), from under the API server if that runs.</summary>
    public Task StopEtcdAsync(CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            etcd?.Signal(Signals.Terminate);
            if (etcd is not null && !await etcd.WaitForEndAsync(KillPatience).ConfigureAwait(false))
                await KillAsync(etcd).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Starts etcd again, on the same port and data, and waits until it is ready. Does nothing if it runs.</summary>
    /// <exception cref="ControlPlaneException">It ended or did not become ready.</exception>
    public Task StartEtcdAsync(CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            if (etcd is { HasExited: false })
                return;
            using var deadline = Deadline(cancellationToken);
            for (var attempt = 1; !await TryStartEtcdAsync(deadline.Token, cancellationToken).ConfigureAwait(false); attempt++)
            {
                if (attempt == PortAttempts)
                    throw etcd!.Ended();
            }
        },
        cancellationToken);

    /// <summary>Ends every process it started and removes its directory. Takes a fraction of a second; may be called twice.</summary>
    public Task StopAsync() => StopAsync(removeDirectory: !options.KeepDirectory);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task StartAllAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var deadline = Deadline(cancellationToken);
        progress?.Report($"starting etcd and kube-apiserver from {assets.Origin} ({assets.Directory})");
        var apiServerAsked = Binary.AskAsync(assets.ApiServer, cancellationToken);
        var controllerManagerAsked = assets.HasControllerManager && options.ControllerManager
            ? Binary.AskAsync(assets.ControllerManager, cancellationToken)
            : null;
        etcdBinary = await Binary.AskAsync(assets.Etcd, cancellationToken).ConfigureAwait(false);
        credentials.Write();
        await StartEtcdOnNewPortAsync(deadline.Token, cancellationToken).ConfigureAwait(false);
        apiServerBinary = await apiServerAsked.ConfigureAwait(false);
        Version = apiServerBinary.KubernetesVersion;
        await StartApiServerOnNewPortAsync(deadline.Token, cancellationToken).ConfigureAwait(false);
        if (controllerManagerAsked is not null)
        {
            progress?.Report("starting kube-controller-manager");
            var controllerManagerBinary = await controllerManagerAsked.ConfigureAwait(false);
            await StartControllerManagerAsync(controllerManagerBinary, deadline.Token, cancellationToken).ConfigureAwait(false);
        }

        progress?.Report($"Kubernetes {Version} is ready at {Address} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    private async Task StartEtcdOnNewPortAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            etcdPort = FreePort.Pick();
            if (await TryStartEtcdAsync(deadline, cancellationToken).ConfigureAwait(false))
                return;
            if (attempt == PortAttempts)
                throw etcd!.Ended();
        }
    }

    /// <summary>False if the port was taken.</summary>
    private async Task<bool> TryStartEtcdAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        etcd?.Dispose();
        etcd = await ChildProcess.StartAsync(assets.Etcd, Arguments.Etcd(etcdBinary, etcdPort), Directory).ConfigureAwait(false);
        using var probe = new ApiClient(ApiClient.Create(new Uri($"http://127.0.0.1:{etcdPort}"), credentials.AuthorityPem, null));
        return await BecomesAsync(etcd, "/health", probe, deadline, cancellationToken).ConfigureAwait(false);
    }

    private async Task StartApiServerOnNewPortAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Address = new Uri($"https://127.0.0.1:{FreePort.Pick()}");
            credentials.WriteKubeconfigs(Address);
            client?.Dispose();
            client = new ApiClient(CreateAdminClient());
            if (await TryStartApiServerAsync(deadline, cancellationToken).ConfigureAwait(false))
                return;
            if (attempt == PortAttempts)
                throw apiServer!.Ended();
        }
    }

    /// <summary>False if the port was taken.</summary>
    private async Task<bool> TryStartApiServerAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        apiServer?.Dispose();
        var arguments = Arguments.ApiServer(apiServerBinary, etcdPort, Address.Port, files).Concat(options.ApiServerArguments);
        apiServer = await ChildProcess.StartAsync(assets.ApiServer, arguments, Directory).ConfigureAwait(false);
        return await BecomesAsync(apiServer, "/readyz", client!, deadline, cancellationToken).ConfigureAwait(false)
            && await BecomesAsync(apiServer, "/api/v1/namespaces/default", client!, deadline, cancellationToken).ConfigureAwait(false);
    }

    private async Task StartControllerManagerAsync(Binary binary, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var arguments = Arguments.ControllerManager(binary, files);
        controllerManager = await ChildProcess.StartAsync(assets.ControllerManager, arguments, Directory).ConfigureAwait(false);
        foreach (var work in (string[])["serviceaccounts/default", "configmaps/kube-root-ca.crt"])
        {
            var path = $"/api/v1/namespaces/default/{work}";
            if (!await BecomesAsync(controllerManager, path, client!, deadline, cancellationToken).ConfigureAwait(false))
                throw controllerManager.Ended();
        }
    }

    /// <summary>Waits until a GET succeeds; false if the process lost its port to somebody else.</summary>
    private async Task<bool> BecomesAsync(
        ChildProcess process, string path, ApiClient door, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            // Looked at first: if it is gone, whoever answers at its port is somebody else.
            while (!process.HasExited)
            {
                if (await door.AnswersAsync(path, deadline).ConfigureAwait(false) && !process.HasExited)
                    return true;
                await Task.Delay(PollInterval, deadline).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw process.NotReady($"{path} does not answer 200", options.StartTimeout);
        }

        return process.LostItsPort ? false : throw process.Ended();
    }

    private async Task StopAsync(bool removeDirectory)
    {
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (stopped)
                return;
            stopped = true;
            // Nothing of it is needed any more, so nobody gets time to say goodbye.
            await Task.WhenAll(Children.Select(KillAsync)).ConfigureAwait(false);
            foreach (var child in Children)
                child.Dispose();
            client?.Dispose();
            credentials.Dispose();
            if (removeDirectory)
                StaleDirectories.TryDelete(Directory);
            else if (options.KeepDirectory)
                StaleDirectories.Keep(Directory);
        }
        finally
        {
            turn.Release();
        }
    }

    private static async Task KillAsync(ChildProcess child)
    {
        child.Signal(Signals.Kill);
        if (!await child.WaitForEndAsync(KillPatience).ConfigureAwait(false))
            throw new ControlPlaneException($"{child.Name} (process {child.Id}) does not end although it was killed.");
    }

    private async Task InTurnAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(stopped, this);
            await action().ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private CancellationTokenSource Deadline(CancellationToken cancellationToken)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.StartTimeout);
        return deadline;
    }

    private static string Suffix(Uri? address) => address is null ? "" : $".via-{address.Port}";
}
