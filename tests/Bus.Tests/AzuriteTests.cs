using System.Collections.Concurrent;
using Heliograph.Azurite;

namespace Heliograph.Bus.Tests;

/// <summary>The storage that the other tests of this project rest on.</summary>
public sealed class AzuriteTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_three_services_answer_on_ports_of_their_own_and_end_with_disposal()
    {
        await using var other = await LocalAzurite.StartAsync(cancellationToken: Cancellation);
        Uri[] addresses;
        await using (var azurite = await LocalAzurite.StartAsync(cancellationToken: Cancellation))
        {
            addresses = [azurite.Blobs, azurite.Queues, azurite.Tables];
            foreach (var address in addresses)
                Assert.True(address.IsLoopback && await AnswersAsync(address), address.ToString());
        }

        foreach (var address in addresses)
            Assert.False(await AnswersAsync(address), address.ToString());
        Assert.True(await AnswersAsync(other.Queues));
    }

    [Fact]
    public async Task What_is_installed_is_found_again_and_nothing_is_said()
    {
        await AzuriteInstallation.LocateAsync(cancellationToken: Cancellation);
        var progress = new Lines();

        var installation = await AzuriteInstallation.LocateAsync(progress, Cancellation);

        Assert.True(File.Exists(installation.Program), installation.Program);
        Assert.Empty(progress.All);
    }

    /// <summary>Whether anybody answers there, if only that credentials are missing.</summary>
    private static async Task<bool> AnswersAsync(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        try
        {
            using var answer = await client.GetAsync(new Uri(address, $"{address.AbsolutePath}?comp=list"), Cancellation);
            return answer.Headers.Server.Count > 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private sealed class Lines : IProgress<string>
    {
        public ConcurrentQueue<string> All { get; } = new();

        public void Report(string value) => All.Enqueue(value);
    }
}
