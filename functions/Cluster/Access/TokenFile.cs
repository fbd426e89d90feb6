using System.Net.Http.Headers;

namespace Heliograph.Cluster.Access;

/// <summary>
/// A token in a file that somebody else keeps fresh: the kubelet for a pod's service account. It is read again when it is a minute old, as client-go
/// does, and at once when the API server refuses it.
/// </summary>
internal sealed class TokenFile(string path, TimeProvider time) : Credential
{
    /// <summary>Why requests fail while the file cannot be read.</summary>
    public const string Unreadable = "TokenFileUnreadable";

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private sealed record Reading(AuthenticationHeaderValue Header, long At);

    private Reading? last;

    public override ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellation)
    {
        var reading = last;
        return new(reading is not null && time.GetElapsedTime(reading.At) < KeptFor ? reading.Header : Read());
    }

    public override ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue? refused, CancellationToken cancellation) => new(Read());

    private AuthenticationHeaderValue Read()
    {
        string token;
        try
        {
            token = File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            token = "";
        }
        var header = Bearer(token) ?? throw new CredentialException(Unreadable);
        last = new Reading(header, time.GetTimestamp());
        return header;
    }
}
