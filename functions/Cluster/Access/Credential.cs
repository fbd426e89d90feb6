using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Heliograph.Cluster.Access;

/// <summary>Who we are to the API server, as far as it is said in each request.</summary>
internal abstract class Credential : IDisposable
{
    /// <summary>The client certificate that goes with it, known after the first <see cref="GetAsync"/>; null where there is none.</summary>
    public virtual X509Certificate2? Certificate => null;

    /// <summary>The <c>Authorization</c> to send; null for none.</summary>
    /// <exception cref="CredentialException">It cannot be had.</exception>
    public abstract ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellation);

    /// <summary>What to send instead of what was refused; the same again, or null, where there is nothing else.</summary>
    /// <param name="refused">What the API server answered 401 to.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="CredentialException">It cannot be had.</exception>
    public virtual ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue? refused, CancellationToken cancellation) => new((AuthenticationHeaderValue?)null);

    public virtual void Dispose()
    {
    }

    /// <summary>The header for a token; null where the text cannot be one. The exception that it would make otherwise quotes it.</summary>
    protected internal static AuthenticationHeaderValue? Bearer(string token) =>
        token.Length == 0 || token.AsSpan().ContainsAnyExceptInRange('!', '~') ? null : new AuthenticationHeaderValue("Bearer", token);
}

/// <summary>A credential could not be had.</summary>
/// <param name="reason">One word for it, for failures.</param>
internal sealed class CredentialException(string reason) : Exception(reason)
{
    public string Reason { get; } = reason;
}

/// <summary>A credential that never changes: a token, a name with its password, or nothing (a client certificate says it all).</summary>
internal sealed class FixedCredential : Credential
{
    private readonly AuthenticationHeaderValue? header;

    private FixedCredential(AuthenticationHeaderValue? header) => this.header = header;

    public static FixedCredential None { get; } = new(null);

    /// <summary>A token; null where the text cannot be one.</summary>
    public static FixedCredential? Token(string token) => Bearer(token) is { } header ? new FixedCredential(header) : null;

    public static FixedCredential Password(string name, string password) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))));

    public override ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellation) => new(header);
}
