using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Heliograph.ControlPlane;

/// <summary>What a binary says of itself. Flags come and go between versions, so each binary is asked which ones it knows.</summary>
internal sealed partial class Binary
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string help;

    internal Binary(string path, string versionText, string help)
    {
        FullName = path;
        VersionText = versionText;
        this.help = help;
    }

    public string FullName { get; }
    public string VersionText { get; }

    public static async Task<Binary> AskAsync(string path, CancellationToken cancellationToken)
    {
        var version = AnswerAsync(path, "--version", cancellationToken);
        var help = AnswerAsync(path, "--help", cancellationToken);
        return new Binary(path, await version.ConfigureAwait(false), await help.ConfigureAwait(false));
    }

    /// <summary>Whether its help lists a flag (given with its dashes), not only speaks of it.</summary>
    public bool Knows(string flag) => Regex.IsMatch(help, $@"^\s*(-\w, )?{Regex.Escape(flag)}\s", RegexOptions.Multiline);

    /// <summary>The arguments whose flag this binary knows.</summary>
    public IEnumerable<string> Known(IEnumerable<string> arguments) => arguments.Where(argument => Knows(argument.Split('=')[0]));

    /// <summary>The first of these words that its help mentions, or the first.</summary>
    public string NameFor(params string[] names) =>
        Array.Find(names, name => Regex.IsMatch(help, $@"[\s,]{Regex.Escape(name)}(,|\s|$)")) ?? names[0];

    public KubernetesVersion KubernetesVersion =>
        KubernetesVersion.Parse(VersionText)
            ?? throw new ControlPlaneException($"{FullName} --version says \"{VersionText.Trim()}\", which is no Kubernetes version.");

    /// <summary>etcd learnt <c>--unsafe-no-fsync</c> in 3.4.10, but tells of it only since 3.5.</summary>
    public bool CanSkipFsync
    {
        get
        {
            var match = EtcdVersion().Match(VersionText);
            return match.Success && new Version(Number(match, 1), Number(match, 2), Number(match, 3)) >= new Version(3, 4, 10);
        }
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static async Task<string> AnswerAsync(string path, string question, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(path, question) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start) ?? throw new ControlPlaneException($"{path} cannot be started.");
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            await WaitAsync(process, path, cancellationToken).ConfigureAwait(false);
            var answer = await output.ConfigureAwait(false) + await error.ConfigureAwait(false);
            return process.ExitCode == 0
                ? answer
                : throw new ControlPlaneException($"{path} {question} failed with exit code {process.ExitCode}: {answer.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new ControlPlaneException($"{path} cannot be run on this machine: {error.Message}", error);
        }
    }

    private static async Task WaitAsync(Process process, string path, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ControlPlaneException($"{path} does not answer within {Patience.TotalSeconds:0} s.");
        }
    }

    [GeneratedRegex(@"etcd Version: (\d{1,4})\.(\d{1,4})\.(\d{1,4})")]
    private static partial Regex EtcdVersion();
}
