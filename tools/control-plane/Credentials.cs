using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Heliograph.ControlPlane;

/// <summary>Who may do what at the start: the certificates, the key of ServiceAccount tokens, and two users with full rights.</summary>
internal sealed class Credentials : IDisposable
{
    private const string Admin = "heliograph-admin";
    private const string ControllerManager = "system:kube-controller-manager";
    private const string FullRights = "system:masters";

    private readonly CertificateAuthority authority = new();
    private readonly Arguments.Files files;
    private readonly string controllerManagerToken = NewToken();

    public Credentials(Arguments.Files files)
    {
        this.files = files;
        ServingCertificate = authority.IssueServing();
    }

    public X509Certificate2 ServingCertificate { get; }
    public string AuthorityPem => authority.Pem;
    public string AdminToken { get; } = NewToken();

    /// <summary>Writes what kube-apiserver reads at its start.</summary>
    public void Write()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PrivateFile.Write(files.Authority, AuthorityPem);
        PrivateFile.Write(files.ServingCertificate, ServingCertificate.ExportCertificatePem());
        PrivateFile.Write(files.ServingKey, KeyOf(ServingCertificate));
        PrivateFile.Write(files.ServiceAccountKey, key.ExportPkcs8PrivateKeyPem());
        PrivateFile.Write(files.ServiceAccountPublicKey, key.ExportSubjectPublicKeyInfoPem());
        PrivateFile.Write(files.Tokens, $"""
            {AdminToken},{Admin},{Admin},"{FullRights}"
            {controllerManagerToken},{ControllerManager},{ControllerManager},"{FullRights}"

            """);
    }

    /// <summary>Writes the kubeconfigs of the two users.</summary>
    public void WriteKubeconfigs(Uri address)
    {
        WriteAdminKubeconfig(address, files.AdminKubeconfig);
        PrivateFile.Write(
            files.ControllerManagerKubeconfig, Kubeconfig.WithToken(address, AuthorityPem, ControllerManager, controllerManagerToken));
    }

    public void WriteAdminKubeconfig(Uri address, string path) =>
        PrivateFile.Write(path, Kubeconfig.WithToken(address, AuthorityPem, Admin, AdminToken));

    public void WriteClientCertificateKubeconfig(Uri address, string path, string user, IEnumerable<string> groups)
    {
        using var certificate = authority.IssueClient(user, groups);
        var kubeconfig = Kubeconfig.WithCertificate(address, AuthorityPem, user, certificate.ExportCertificatePem(), KeyOf(certificate));
        PrivateFile.Write(path, kubeconfig);
    }

    public void Dispose()
    {
        ServingCertificate.Dispose();
        authority.Dispose();
    }

    private static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException("a certificate of ours without a key");
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string NewToken() => Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
}
