using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>One request, as far as a test's schedule and its faults need to know it.</summary>
/// <param name="Client">Which client sends it.</param>
/// <param name="Number">Counts the client's requests, from 1.</param>
/// <param name="Verb">What is asked.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace; empty for lists of the whole cluster.</param>
/// <param name="Name">The name; empty for lists of all names.</param>
public sealed record RequestInfo(string Client, int Number, ApiVerb Verb, Kind Kind, string Namespace, string Name)
{
    /// <summary>Of a list: the version from which on any state of the world is a right answer; null where only the newest is.</summary>
    public long? NotOlderThan { get; init; }

    /// <summary>The verb as RBAC rules have it: <c>get</c>, <c>list</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>.</summary>
    public string RbacVerb => Verb switch
    {
        ApiVerb.Replace => "update",
        ApiVerb.Patch or ApiVerb.Apply => "patch",
        _ => Word,
    };

    /// <summary>Whether it changes anything.</summary>
    public bool IsWrite => Verb is not (ApiVerb.Get or ApiVerb.List);

    /// <summary>Verb and object as failures name them: <c>create Secret team-a/registry</c>.</summary>
    public string Title => Verb == ApiVerb.List
        ? Namespace.Length == 0 ? $"list {Kind.Plural}" : $"list {Kind.Plural} in {Namespace}"
        : $"{(Verb == ApiVerb.Apply ? "apply" : RbacVerb)} {Kind.Name} {(Namespace.Length == 0 ? Name : $"{Namespace}/{Name}")}";

    private string Word => Verb switch
    {
        ApiVerb.Get => "get",
        ApiVerb.List => "list",
        ApiVerb.Create => "create",
        _ => "delete",
    };

    /// <summary>Client, number, verb and object.</summary>
    public override string ToString() => $"{Client}#{Number} {Title}";
}
