using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>What is kept of one object. Clusters have tens of thousands of mirrors, so every field here is paid for as often.</summary>
internal sealed class CatalogueEntry(ResourceRef reference)
{
    /// <summary>Entries are found by the reference that they hold themselves, which spares a second copy of it as a key.</summary>
    public static IEqualityComparer<CatalogueEntry> ByReference { get; } = new ReferenceComparer();

    public ResourceRef Ref { get; } = reference;

    /// <summary>The sources it names.</summary>
    public NamedSource[] Claims { get; set; } = [];

    /// <summary>The name of its mirrors where it asks to be pushed.</summary>
    public string? PushedName { get; set; }

    public CompactUid Uid { get; set; }

    public EchoMemory Echo { get; set; }

    /// <summary>The number of the list at or after which it was last seen.</summary>
    public int List { get; set; }

    public bool IsSource { get; set; }

    public bool IsMirror { get; set; }

    private sealed class ReferenceComparer : IEqualityComparer<CatalogueEntry>, IAlternateEqualityComparer<ResourceRef, CatalogueEntry>
    {
        public bool Equals(CatalogueEntry? x, CatalogueEntry? y) => x?.Ref == y?.Ref;

        public int GetHashCode(CatalogueEntry obj) => obj.Ref.GetHashCode();

        public bool Equals(ResourceRef alternate, CatalogueEntry other) => alternate == other.Ref;

        public int GetHashCode(ResourceRef alternate) => alternate.GetHashCode();

        public CatalogueEntry Create(ResourceRef alternate) => new(alternate);
    }
}
