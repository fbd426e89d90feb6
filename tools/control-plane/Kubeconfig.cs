using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Heliograph.ControlPlane;

/// <summary>Writes kubeconfig files: one cluster, one user, one context, verified by our authority.</summary>
internal static class Kubeconfig
{
    public static string WithToken(Uri address, string authority, string user, string token) =>
        Document(address, authority, user, $"token: {Quote(token)}");

    public static string WithTokenFile(Uri address, string authority, string user, string tokenFile) =>
        Document(address, authority, user, $"tokenFile: {Quote(tokenFile)}");

    public static string WithCertificate(Uri address, string authority, string user, string certificate, string key) =>
        Document(address, authority, user, $"client-certificate-data: {Base64(certificate)}\n    client-key-data: {Base64(key)}");

    private static string Document(Uri address, string authority, string user, string credentials) =>
        $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: loopback
          cluster:
            server: {address.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Base64(authority)}
        users:
        - name: {Quote(user)}
          user:
            {credentials}
        contexts:
        - name: loopback
          context:
            cluster: loopback
            user: {Quote(user)}
        current-context: loopback

        """;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // A JSON string is a YAML string.
    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
