using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Heliograph.Cluster.Access;

/// <summary>How a kubeconfig's <c>exec</c> plugin is run.</summary>
/// <param name="Command">The program, found in the <c>PATH</c> or named by its whole path.</param>
/// <param name="Arguments">Its arguments, each as it stands.</param>
/// <param name="Variables">The environment variables added for it.</param>
/// <param name="ApiVersion">The version of <c>ExecCredential</c> spoken with it.</param>
/// <param name="ClusterInfo">The cluster as JSON, where the plugin asked to be told; empty otherwise.</param>
internal sealed record ExecCommand(
    string Command, IReadOnlyList<string> Arguments, IReadOnlyList<(string Name, string Value)> Variables, string ApiVersion, string ClusterInfo);

/// <summary>
/// Credentials from a program of the user's, as <c>client.authentication.k8s.io</c> describes it. Kept until shortly before they expire, and
/// fetched anew when the API server refuses them. What the program says on its error output goes to ours: it never becomes part of a failure.
/// </summary>
internal sealed class ExecPlugin(ExecCommand command, TimeProvider time) : Credential
{
    /// <summary>Why requests fail while the plugin does.</summary>
    public const string Failed = "CredentialPluginFailed";

    private const int MaxOutputBytes = 1 << 20;

    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(1);

    /// <summary>Time enough for every pooled connection that was opened with the old certificate to be gone before that expires.</summary>
    private static readonly TimeSpan CertificateMargin = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan TokenMargin = TimeSpan.FromSeconds(30);

    /// <summary>A hundred requests that are refused together are no reason to run the plugin a hundred times.</summary>
    private static readonly TimeSpan LeastTimeBetweenRenewals = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim running = new(1);
    private Reading? last;

    private sealed record Reading(AuthenticationHeaderValue? Header, X509Certificate2? Certificate, DateTimeOffset? Expires, long At);

    public override X509Certificate2? Certificate => last?.Certificate;

    public override async ValueTask<AuthenticationHeaderValue?> GetAsync(CancellationToken cancellation)
    {
        var known = last;
        return IsFresh(known) ? known!.Header : await RunOnceAsync(known, cancellation).ConfigureAwait(false);
    }

    public override async ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue? refused, CancellationToken cancellation)
    {
        var known = last;
        var renewedMeanwhile = known is not null && !Equals(known.Header, refused);
        var ranJustNow = known is not null && time.GetElapsedTime(known.At) < LeastTimeBetweenRenewals;
        return renewedMeanwhile || ranJustNow ? known!.Header : await RunOnceAsync(known, cancellation).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        running.Dispose();
        last?.Certificate?.Dispose();
        base.Dispose();
    }

    private bool IsFresh(Reading? reading) => reading is not null
        && (reading.Expires is not { } expires || time.GetUtcNow() + (reading.Certificate is null ? TokenMargin : CertificateMargin) < expires);

    /// <summary>Runs the plugin unless somebody else did while we waited.</summary>
    private async Task<AuthenticationHeaderValue?> RunOnceAsync(Reading? known, CancellationToken cancellation)
    {
        await running.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (ReferenceEquals(last, known))
                last = await RunAsync(cancellation).ConfigureAwait(false);
            return last!.Header;
        }
        finally
        {
            running.Release();
        }
    }

    private async Task<Reading> RunAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(RunTime);
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
            process.StandardInput.Close();
            using var output = await PooledBody.ReadAsync(process.StandardOutput.BaseStream, MaxOutputBytes, deadline.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            return process.ExitCode == 0 ? Parse(output.Bytes) : throw new CredentialException(Failed);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Kill(process);
            throw new CredentialException(Failed);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }
        catch (Exception e) when (e is Win32Exception or IOException || ApiConnection.IsUnreadable(e))
        {
            Kill(process);
            throw new CredentialException(Failed);
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(command.Command, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var (name, value) in command.Variables)
            start.Environment[name] = value;
        var cluster = command.ClusterInfo.Length == 0 ? "" : $",\"cluster\":{command.ClusterInfo}";
        start.Environment["KUBERNETES_EXEC_INFO"] =
            $$$"""{"apiVersion":"{{{command.ApiVersion}}}","kind":"ExecCredential","spec":{"interactive":false{{{cluster}}}}}""";
        return start;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It never started, or it is gone.
        }
    }

    private Reading Parse(ReadOnlySpan<byte> json)
    {
        string token = "", certificate = "", key = "";
        DateTimeOffset? expires = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new CredentialException(Failed);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStatus = reader.ValueTextEquals("status"u8);
            reader.Read();
            if (isStatus && reader.TokenType == JsonTokenType.StartObject)
                ReadStatus(ref reader, ref token, ref certificate, ref key, ref expires);
            else
                reader.Skip();
        }
        if (token.Length == 0 && certificate.Length == 0)
            throw new CredentialException(Failed);
        var header = token.Length == 0 ? null : Bearer(token) ?? throw new CredentialException(Failed);
        return new Reading(header, Pair(certificate, key), expires, time.GetTimestamp());
    }

    private static void ReadStatus(
        ref Utf8JsonReader reader, ref string token, ref string certificate, ref string key, ref DateTimeOffset? expires)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = Encoding.UTF8.GetString(reader.ValueSpan);
            reader.Read();
            switch (property)
            {
                case "token": token = reader.GetTextOrEmpty(); break;
                case "clientCertificateData": certificate = reader.GetTextOrEmpty(); break;
                case "clientKeyData": key = reader.GetTextOrEmpty(); break;
                case "expirationTimestamp" when reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var at): expires = at; break;
                default: reader.Skip(); break;
            }
        }
    }

    private static X509Certificate2? Pair(string certificate, string key)
    {
        if (certificate.Length == 0)
            return null;
        try
        {
            return Pem.WithKey(certificate, key, "the plugin's certificate and key");
        }
        catch (ClusterConfigurationException)
        {
            throw new CredentialException(Failed);
        }
    }
}
