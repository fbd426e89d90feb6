using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Simulation.Processes;

/// <summary>One event on the wire: what a function gets is read back from the JSON that the exporter sends.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Type">The CloudEvents type.</param>
/// <param name="Data">The data.</param>
internal sealed record Message(string Id, string Type, byte[] Data)
{
    /// <summary>The events of a parcel.</summary>
    /// <param name="parcel">The parcel.</param>
    /// <param name="references">How many references of a kind one event holds.</param>
    public static ImmutableArray<Message> Of(Parcel parcel, int references) =>
        [.. parcel.Notice.Events(references).Select(e => new Message(e.Id, e.Hint.EventType, HintJson.Write(e.Hint)))];

    /// <summary>The hint as the functions read it.</summary>
    public Hint Read()
    {
        using var json = JsonDocument.Parse(Data);
        return HintJson.Read(Type, json.RootElement) ?? throw new FormatException($"an event of the type {Type} is not understood");
    }

    public static string Describe(Hint hint) => hint switch
    {
        Hint.ObjectChanged changed =>
            $"{(changed.Deleted ? "tell deleted" : "tell changed")} {changed.Object}{(changed.IsSource ? " as source" : "")}"
            + $"{Describe(" as mirror of", changed.MirrorOf)}{Describe(" with mirrors", changed.Mirrors)}",
        Hint.NamespaceChanged changed => $"tell namespace {changed.Namespace}{Describe(" with sources", changed.Sources)}{Describe(" with mirrors", changed.Mirrors)}",
        _ => "tell that everything was seen",
    };

    private static string Describe(string what, ImmutableArray<ResourceRef> references) =>
        references.IsEmpty ? "" : $"{what} {string.Join(", ", references)}";
}
