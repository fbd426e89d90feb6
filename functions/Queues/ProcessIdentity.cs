using Azure.Core;
using Azure.Identity;

namespace Heliograph.Queues;

/// <summary>
/// The identity that the process was given by whatever runs it. Not the SDK's default chain: that one also asks browsers and other programs of a
/// developer's machine, which takes time and, in the binary, room.
/// </summary>
public static class ProcessIdentity
{
    /// <summary>
    /// Workload identity where a pod has a federated token; a service principal where <c>AZURE_CLIENT_SECRET</c> or a certificate says so; else the
    /// managed identity of the machine or app, the one that <c>AZURE_CLIENT_ID</c> names where there are several.
    /// </summary>
    public static TokenCredential Credential()
    {
        if (Variable("AZURE_FEDERATED_TOKEN_FILE") is not null)
            return new WorkloadIdentityCredential();
        if (Variable("AZURE_CLIENT_SECRET") is not null || Variable("AZURE_CLIENT_CERTIFICATE_PATH") is not null)
            return new EnvironmentCredential();
        return new ManagedIdentityCredential(Variable("AZURE_CLIENT_ID") is { } client ? ManagedIdentityId.FromUserAssignedClientId(client) : ManagedIdentityId.SystemAssigned);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
