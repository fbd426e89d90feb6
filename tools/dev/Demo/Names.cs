using Heliograph.Model;

namespace Heliograph.Dev.Demo;

/// <summary>The objects and namespaces of the samples.</summary>
internal static class Names
{
    public const string Platform = "helio-platform";
    public const string Shop = "helio-shop";
    public const string Billing = "helio-billing";
    public const string Search = "helio-search";
    public const string Legacy = "helio-legacy";

    /// <summary>Comes later.</summary>
    public const string Payments = "helio-payments";

    public static ResourceRef Certificate { get; } = new("Secret", Platform, "wildcard-tls");

    public static ResourceRef Registry { get; } = new("Secret", Platform, "registry");

    public static ResourceRef CaBundle { get; } = new("ConfigMap", Platform, "ca-bundle");

    public static ResourceRef Mistake { get; } = new("ConfigMap", Platform, "mistake");

    public static ResourceRef Taken { get; } = new("Secret", Legacy, "wildcard-tls");

    /// <summary>Asks for <see cref="Registry"/>.</summary>
    public static ResourceRef Asking { get; } = new("Secret", Search, "pull-credentials");

    public static bool IsSample(string ns) => ns is Platform or Shop or Billing or Search or Legacy or Payments;
}
