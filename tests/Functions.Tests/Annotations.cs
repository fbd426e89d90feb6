using Heliograph.Fakes;
using Heliograph.Model;

namespace Heliograph.Functions.Tests;

/// <summary>Objects as the tests need them. The payload's value stands for a secret: it must never be seen outside of the cluster.</summary>
internal static class Annotations
{
    public const string Payload = "c3VwZXItc2VjcmV0";
    public const string PlainPayload = "super-secret";

    /// <summary>Annotations of a source that pushes by Reflector's rules.</summary>
    public static Dictionary<string, string> Pushing(string namespaces) => new()
    {
        [Vocabulary.Reflector.Allowed] = "true",
        [Vocabulary.Reflector.AllowedNamespaces] = namespaces,
        [Vocabulary.Reflector.AutoEnabled] = "true",
    };

    /// <summary>Annotations of an object that asks by Reflector's rules to be filled.</summary>
    public static Dictionary<string, string> Asking(string source) => new() { [Vocabulary.Reflector.Reflects] = source };

    public static Snapshot Secret(this FakeUser user, string ns, string name, Dictionary<string, string>? annotations = null, string type = "Opaque") =>
        user.CreateSecret(ns, name, [new("password", PlainPayload)], annotations, type: type);

    public static void Namespaces(this FakeUser user, params string[] names)
    {
        foreach (var name in names)
            user.CreateNamespace(name);
    }
}
