namespace Heliograph.ControlPlane.Tests;

/// <summary>What is found in <c>$KUBEBUILDER_ASSETS</c>, and what is said about what is not.</summary>
public sealed class AssetsTests : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly string? before = Environment.GetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable);
    private readonly Told told = new();

    public AssetsTests() => Environment.SetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable, scratch.FullName);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable, before);
        scratch.Dispose();
    }

    [Fact]
    public async Task All_three_are_taken_without_a_word()
    {
        foreach (var name in (string[])["etcd", "kube-apiserver", "kube-controller-manager"])
            scratch.WriteProgram(name, "");
        var assets = await LocateAsync();
        Assert.Equal(new ControlPlaneAssets(scratch.FullName, "$KUBEBUILDER_ASSETS", true), assets);
        Assert.Empty(told.Lines);
    }

    [Fact]
    public async Task A_missing_controller_manager_is_told_with_what_will_not_work()
    {
        foreach (var name in (string[])["etcd", "kube-apiserver"])
            scratch.WriteProgram(name, "");
        Assert.False((await LocateAsync()).HasControllerManager);
        var line = Assert.Single(told.Lines);
        var expected = $"kube-controller-manager is missing in {scratch.FullName}: deleted namespaces will stay Terminating, ";
        Assert.StartsWith(expected, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etcd", "kube-apiserver")]
    [InlineData("kube-apiserver", "etcd")]
    public async Task A_missing_binary_is_named(string missing, string present)
    {
        scratch.WriteProgram(present, "");
        await FailsAsync($"$KUBEBUILDER_ASSETS is {scratch.FullName}, but {missing} is missing. ");
    }

    [Fact]
    public async Task A_binary_that_cannot_be_executed_is_named()
    {
        scratch.WriteProgram("etcd", "");
        await File.WriteAllTextAsync(scratch.File("kube-apiserver"), "", TestContext.Current.CancellationToken);
        await FailsAsync($"$KUBEBUILDER_ASSETS is {scratch.FullName}, but kube-apiserver cannot be executed. ");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_named()
    {
        Environment.SetEnvironmentVariable(ControlPlaneAssets.DirectoryVariable, scratch.File("nowhere"));
        await FailsAsync($"$KUBEBUILDER_ASSETS is {scratch.File("nowhere")}, which is not a directory. ");
    }

    private Task<ControlPlaneAssets> LocateAsync() => ControlPlaneAssets.LocateAsync(told, TestContext.Current.CancellationToken);

    private async Task FailsAsync(string beginning) =>
        Assert.StartsWith(beginning, (await Assert.ThrowsAsync<ControlPlaneException>(LocateAsync)).Message, StringComparison.Ordinal);
}
