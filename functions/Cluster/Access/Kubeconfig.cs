using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using k8s.KubeConfigModels;

namespace Heliograph.Cluster.Access;

/// <summary>
/// Finds the access that a context of one or several kubeconfig files stands for. Where several files are given, the first that names a thing wins, and
/// paths are relative to the file in which they stand.
/// </summary>
internal sealed class Kubeconfig
{
    private readonly List<KubeconfigFile> files;
    private readonly TimeProvider time;
    private readonly Func<string, string?> environment;

    private Kubeconfig(List<KubeconfigFile> files, ClusterOptions options, TimeProvider time)
    {
        this.files = files;
        this.time = time;
        environment = options.Environment;
    }

    /// <summary>Reads the access.</summary>
    /// <param name="paths">The files, the most important first. Of several, those that do not exist are passed over.</param>
    /// <param name="options">Names the context, perhaps.</param>
    /// <param name="time">The clock of credentials.</param>
    /// <exception cref="ClusterConfigurationException">Something is missing or broken.</exception>
    public static ClusterAccess Read(IReadOnlyList<string> paths, ClusterOptions options, TimeProvider time)
    {
        var present = paths.Count == 1 ? paths : [.. paths.Where(File.Exists)];
        if (present.Count == 0)
            throw new ClusterConfigurationException($"None of the kubeconfig files in $KUBECONFIG exists: {string.Join(", ", paths)}.");
        return new Kubeconfig([.. present.Select(KubeconfigFile.Load)], options, time).Access(options.Context);
    }

    private ClusterAccess Access(string? wanted)
    {
        var contextName = wanted ?? files.Select(file => file.Model.CurrentContext).FirstOrDefault(name => !string.IsNullOrEmpty(name))
            ?? throw Wrong("has no current-context", "choose one with 'kubectl config use-context', or name a context");
        var (_, context) = Find(file => file.Model.Contexts, c => c.Name == contextName)
            ?? throw Wrong($"has no context '{contextName}'", "'kubectl config get-contexts' shows those that there are");
        var clusterName = context.ContextDetails?.Cluster;
        var (clusterFile, cluster) = Find(file => file.Model.Clusters, c => c.Name == clusterName && c.ClusterEndpoint is not null)
            ?? throw Wrong($"has no cluster '{clusterName}', which its context '{contextName}' names", "add it, or name another context");
        var userName = context.ContextDetails?.User;
        var user = Find(file => file.Model.Users, u => u.Name == userName);
        if (user is null && !string.IsNullOrEmpty(userName))
            throw Wrong($"has no user '{userName}', which its context '{contextName}' names", "add it, or name another context");
        return Access(clusterFile, cluster, user, context.ContextDetails?.Namespace);
    }

    private ClusterAccess Access(KubeconfigFile clusterFile, k8s.KubeConfigModels.Cluster cluster, (KubeconfigFile File, User Entry)? user, string? ns)
    {
        var endpoint = cluster.ClusterEndpoint;
        return new ClusterAccess
        {
            Server = clusterFile.Address(endpoint.Server, $"the server of cluster '{cluster.Name}'"),
            Authorities = Authorities(clusterFile, cluster),
            SkipVerification = endpoint.SkipTlsVerify,
            TlsServerName = string.IsNullOrEmpty(endpoint.TlsServerName) ? null : endpoint.TlsServerName,
            Proxy = clusterFile.Setting("clusters", cluster.Name, "cluster", "proxy-url") is { } proxy
                ? clusterFile.Address(proxy, $"the proxy-url of cluster '{cluster.Name}'")
                : null,
            ClientCertificate = user is { } u ? ClientCertificate(u.File, u.Entry) : null,
            Credential = user is { } v ? Credential(v.File, v.Entry, clusterFile, cluster) : FixedCredential.None,
            Namespace = ns ?? "",
            Headers = user is { Entry.UserCredentials: { } w } ? Impersonation(w) : [],
        };
    }

    private (KubeconfigFile File, T Entry)? Find<T>(Func<KubeconfigFile, IEnumerable<T>?> list, Func<T, bool> isIt)
    {
        foreach (var file in files)
        {
            foreach (var entry in list(file) ?? [])
            {
                if (isIt(entry))
                    return (file, entry);
            }
        }
        return null;
    }

    private ClusterConfigurationException Wrong(string problem, string remedy) =>
        new($"The kubeconfig {string.Join(", ", files.Select(file => file.Path))} {problem}: {remedy}.");

    private static X509Certificate2Collection? Authorities(KubeconfigFile file, k8s.KubeConfigModels.Cluster cluster)
    {
        var endpoint = cluster.ClusterEndpoint;
        if (!string.IsNullOrEmpty(endpoint.CertificateAuthorityData))
        {
            var what = $"The certificate-authority-data of cluster '{cluster.Name}' in {file.Path}";
            return Pem.Certificates(KubeconfigFile.Decode(endpoint.CertificateAuthorityData, what), what);
        }
        if (string.IsNullOrEmpty(endpoint.CertificateAuthority))
            return null;
        var path = file.Resolve(endpoint.CertificateAuthority);
        return Pem.Certificates(Files.Read(path, $"The certificate-authority of cluster '{cluster.Name}' in {file.Path}"), path);
    }

    private static X509Certificate2? ClientCertificate(KubeconfigFile file, User user)
    {
        if (user.UserCredentials is not { } credentials)
            return null;
        var certificate = file.DataOrFile(credentials.ClientCertificateData, credentials.ClientCertificate, $"client-certificate of user '{user.Name}'");
        var key = file.DataOrFile(credentials.ClientKeyData, credentials.ClientKey, $"client-key of user '{user.Name}'");
        return (certificate, key) switch
        {
            (null, null) => null,
            (not null, not null) => Pem.WithKey(certificate, key, $"The client-certificate and client-key of user '{user.Name}' in {file.Path}"),
            _ => throw new ClusterConfigurationException(
                $"User '{user.Name}' in {file.Path} has only one of client-certificate and client-key: both are needed."),
        };
    }

    private Credential Credential(KubeconfigFile file, User user, KubeconfigFile clusterFile, k8s.KubeConfigModels.Cluster cluster)
    {
        var credentials = user.UserCredentials;
        if (file.Setting("users", user.Name, "user", "tokenFile") is { Length: > 0 } tokenFile)
            return new TokenFile(file.Existing(tokenFile, $"The tokenFile of user '{user.Name}' in {file.Path}"), time);
        if (credentials is null)
            return FixedCredential.None;
        if (!string.IsNullOrWhiteSpace(credentials.Token))
        {
            return FixedCredential.Token(credentials.Token.Trim())
                ?? throw new ClusterConfigurationException($"The token of user '{user.Name}' in {file.Path} holds blanks or other characters that no token has.");
        }
        if (credentials.ExternalExecution is { } exec)
            return new ExecPlugin(Command(file, user, exec, clusterFile, cluster), time);
        if (!string.IsNullOrEmpty(credentials.UserName))
            return FixedCredential.Password(credentials.UserName, credentials.Password ?? "");
        if (credentials.AuthProvider is { } provider)
        {
            throw new ClusterConfigurationException(
                $"User '{user.Name}' in {file.Path} has the auth-provider '{provider.Name}', which Kubernetes gave up in 1.26: "
                + "use the exec plugin that replaced it.");
        }
        return FixedCredential.None;
    }

    private ExecCommand Command(KubeconfigFile file, User user, ExternalExecution exec, KubeconfigFile clusterFile, k8s.KubeConfigModels.Cluster cluster)
    {
        var what = $"The exec plugin of user '{user.Name}' in {file.Path}";
        if (string.IsNullOrWhiteSpace(exec.Command))
            throw new ClusterConfigurationException($"{what} has no command.");
        if (exec.ApiVersion is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw new ClusterConfigurationException(
                $"{what} has the apiVersion '{exec.ApiVersion}'; it must be client.authentication.k8s.io/v1 or v1beta1.");
        }
        var variables = (exec.EnvironmentVariables ?? []).Select(variable => (variable.GetValueOrDefault("name", ""), variable.GetValueOrDefault("value", ""))).ToArray();
        if (variables.Any(variable => string.IsNullOrEmpty(variable.Item1)))
            throw new ClusterConfigurationException($"{what} has an env entry without a name.");
        var path = Programs.Find(exec.Command, file.Directory, environment("PATH"))
            ?? throw new ClusterConfigurationException(
                $"{what} needs the program '{exec.Command}', which is not there. {exec.InstallHint?.Trim() ?? "Install it, or choose another context."}");
        return new ExecCommand(path, [.. exec.Arguments ?? []], variables, exec.ApiVersion, exec.ProvideClusterInfo ? Describe(clusterFile, cluster) : "");
    }

    /// <summary>The cluster as the plugin is told of it: an object of <c>client.authentication.k8s.io</c>'s <c>Cluster</c>.</summary>
    private static string Describe(KubeconfigFile file, k8s.KubeConfigModels.Cluster cluster)
    {
        var endpoint = cluster.ClusterEndpoint;
        var authority = endpoint.CertificateAuthorityData;
        if (string.IsNullOrEmpty(authority) && !string.IsNullOrEmpty(endpoint.CertificateAuthority))
            authority = Convert.ToBase64String(Files.Read(file.Resolve(endpoint.CertificateAuthority), "The certificate-authority"));
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("server", endpoint.Server);
            if (!string.IsNullOrEmpty(endpoint.TlsServerName))
                writer.WriteString("tls-server-name", endpoint.TlsServerName);
            if (endpoint.SkipTlsVerify)
                writer.WriteBoolean("insecure-skip-tls-verify", true);
            if (!string.IsNullOrEmpty(authority))
                writer.WriteString("certificate-authority-data", authority);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static List<(string Name, string Value)> Impersonation(UserCredentials credentials)
    {
        var headers = new List<(string, string)>();
        if (!string.IsNullOrEmpty(credentials.Impersonate))
            headers.Add(("Impersonate-User", credentials.Impersonate));
        headers.AddRange((credentials.ImpersonateGroups ?? []).Select(group => ("Impersonate-Group", group)));
        return headers;
    }
}
