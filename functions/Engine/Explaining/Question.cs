using Heliograph.Model;

namespace Heliograph.Engine;

/// <summary>What is to be explained.</summary>
public abstract record Question
{
    private Question()
    {
    }

    /// <summary>One object: what it is, as a source against every namespace, and as a mirror where it stands.</summary>
    /// <param name="Kind">Its kind, which must be served.</param>
    /// <param name="Namespace">Its namespace.</param>
    /// <param name="Name">Its name.</param>
    public sealed record OfObject(Kind Kind, string Namespace, string Name) : Question
    {
        /// <summary>The one namespace asked about; null for all.</summary>
        public string? In { get; init; }

        /// <summary>The object.</summary>
        public ResourceRef Object => new(Kind.Name, Namespace, Name);
    }

    /// <summary>One namespace: every mirror that is there, could be there, or could be asked for there.</summary>
    /// <param name="Namespace">Its name.</param>
    public sealed record OfNamespace(string Namespace) : Question;
}
