using Heliograph.Model;

namespace Heliograph.Hns;

/// <summary>Where HNC's kinds are, and who speaks for them.</summary>
internal static class HncApi
{
    public const string ApiVersion = Vocabulary.Hnc.Group + "/v1alpha2";

    /// <summary>Where the API server serves HNC's kinds.</summary>
    public const string Root = "/apis/" + ApiVersion;

    public const string Configurations = Root + "/hncconfigurations";

    public const string Configuration = Configurations + "/" + Vocabulary.Hnc.Configuration;

    /// <summary>The objects of a kind in a namespace, or in the whole cluster.</summary>
    public static string Collection(string plural, string? ns) => ns is null ? $"{Root}/{plural}" : $"{Root}/namespaces/{Names.Segment(ns)}/{plural}";

    public static string Hierarchy(string ns) => $"{Collection("hierarchyconfigurations", ns)}/{Vocabulary.Hnc.Hierarchy}";

    public static string Anchor(string ns, string child) => $"{Collection("subnamespaceanchors", ns)}/{Names.Segment(child)}";

    /// <summary>Who tells Events: this project, and HNC where it ran before.</summary>
    public static bool IsController(string component) => component is "heliograph" or Vocabulary.Hnc.Group;
}
