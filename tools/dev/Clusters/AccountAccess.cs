using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Cluster.Access;
using Heliograph.ControlPlane;

namespace Heliograph.Dev.Clusters;

/// <summary>
/// A kubeconfig for a ServiceAccount, with a real token in a file of its own that is renewed in time, as a kubelet does for a pod. So both
/// programs run with exactly the rights of our manifests, whoever the user is.
/// </summary>
internal sealed class AccountAccess : IAsyncDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(40);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource end = new();
    private readonly string tokenFile;
    private Task renewal = Task.CompletedTask;

    private AccountAccess(string directory, string account)
    {
        Kubeconfig = Path.Combine(directory, $"{account}.kubeconfig");
        tokenFile = Path.Combine(directory, $"{account}.token");
    }

    public string Kubeconfig { get; }

    public static async Task<AccountAccess> CreateAsync(Api api, string ns, string account, string directory, CancellationToken cancellation)
    {
        var access = new AccountAccess(directory, account);
        await access.RenewAsync(api, ns, account, cancellation);
        PrivateFile.Write(access.Kubeconfig, Document(api.Access, $"system:serviceaccount:{ns}:{account}", access.tokenFile).ToJsonString());
        access.renewal = access.KeepAsync(api, ns, account);
        return access;
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await renewal;
        end.Dispose();
    }

    private async Task RenewAsync(Api api, string ns, string account, CancellationToken cancellation) =>
        PrivateFile.Write(tokenFile, await api.TokenAsync(ns, account, Lifetime, cancellation));

    private async Task KeepAsync(Api api, string ns, string account)
    {
        var wait = RenewAfter;
        while (true)
        {
            try
            {
                await Task.Delay(wait, end.Token);
                await RenewAsync(api, ns, account, end.Token);
                wait = RenewAfter;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Engine.ClusterException e)
            {
                Progress.ToStderr.Report($"the token of {ns}/{account} is not renewed yet: {e.Message}");
                wait = RetryAfter;
            }
        }
    }

    /// <summary>JSON is YAML.</summary>
    private static JsonObject Document(ClusterAccess access, string user, string tokenFile)
    {
        var cluster = new JsonObject { ["server"] = access.Server.ToString() };
        if (access.SkipVerification)
            cluster["insecure-skip-tls-verify"] = true;
        else if (access.Authorities is { } authorities)
            cluster["certificate-authority-data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(authorities.ExportCertificatePems()));
        if (access.TlsServerName is { } name)
            cluster["tls-server-name"] = name;
        if (access.Proxy is { } proxy)
            cluster["proxy-url"] = proxy.ToString();
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "cluster", ["cluster"] = cluster }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = user, ["user"] = new JsonObject { ["tokenFile"] = tokenFile } }),
            ["contexts"] = new JsonArray(new JsonObject
            {
                ["name"] = "context",
                ["context"] = new JsonObject { ["cluster"] = "cluster", ["user"] = user },
            }),
            ["current-context"] = "context",
        };
    }
}
