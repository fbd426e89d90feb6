using Heliograph.Dev.Clusters;
using Heliograph.Dev.Demo;
using Heliograph.Dev.Processes;
using Heliograph.Dev.Testing;

namespace Heliograph.Dev.Tests;

/// <summary>What the command reads of its own tree.</summary>
public sealed class ReadingTests
{
    [Fact]
    public void Every_sample_can_be_read()
    {
        var samples = Directory.GetFiles(Repository.At("infra", "samples"), "*.yaml").SelectMany(Manifest.Read).ToArray();
        Assert.Equal(5, samples.Count(sample => sample.Kind.Name == "Namespace"));
        Assert.All(samples, sample => Assert.True(Names.IsSample(sample.Namespace.Length > 0 ? sample.Namespace : sample.Name), sample.ToString()));
    }

    [Fact]
    public void Both_ways_to_say_it_to_cert_manager_end_in_the_sample()
    {
        var secret = Manifest.Read(Repository.At("infra", "samples", "wildcard-tls.yaml")).Single();
        var annotations = secret.Metadata["annotations"]!.AsObject()
            .Where(pair => !pair.Key.StartsWith("cert-manager.io/", StringComparison.Ordinal))
            .Select(pair => $"{pair.Key}: {pair.Value}").ToArray();
        Assert.NotEmpty(annotations);
        foreach (var file in (string[])["certificate.yaml", "ingress.yaml"])
        {
            var text = File.ReadAllText(Repository.At("infra", "samples", "cert-manager", file));
            Assert.All(annotations, annotation => Assert.Contains(annotation, text.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Settings_are_spelled_as_the_programs_spell_them()
    {
        var settings = ProgramSettings.Read(["replication__kinds=Secret", "Replication:OnRelease=keep=", "Logging__LogLevel__Default=Debug"]);
        Assert.Equal("Secret", settings["Replication__Kinds"]);
        Assert.Equal("keep=", settings["Replication__OnRelease"]);
        Assert.Equal("Debug", settings["Logging__LogLevel__Default"]);
    }

    [Theory]
    [InlineData("Replication__Kinds")]
    [InlineData("=Secret")]
    public void A_setting_without_a_value_is_a_mistake(string pair) => Assert.Throws<UserMistakeException>(() => ProgramSettings.Read([pair]));

    [Fact]
    public void Every_project_of_tests_is_found()
    {
        var names = TestProject.All().Select(project => project.Name).ToArray();
        var folders = Directory.GetDirectories(Repository.At("tests")).Select(path => "Heliograph." + Path.GetFileName(path));
        var expected = folders.Where(folder => folder.EndsWith(".Tests", StringComparison.Ordinal));
        Assert.Equal(expected.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_process_that_ended_is_not_taken_for_another()
    {
        Assert.True(ProcessIdentity.Self.IsAlive);
        Assert.Equal(ProcessIdentity.Self, ProcessIdentity.Parse(ProcessIdentity.Self.ToString()));
        Assert.False((ProcessIdentity.Self with { Start = ProcessIdentity.Self.Start - 1 }).IsAlive);
        Assert.False((ProcessIdentity.Self with { Host = "another" }).IsAlive);
        Assert.Null(ProcessIdentity.Parse("host"));
    }
}
