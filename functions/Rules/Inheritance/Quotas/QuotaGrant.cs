using System.Collections.Immutable;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>Usage that a namespace was allowed, and that is written a moment later. Until then, others must not be allowed the same room.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Version">The version of its ResourceQuota that the usage is to replace. Any other version is newer, and says what became of it.</param>
/// <param name="Used">What it may use.</param>
public sealed record QuotaGrant(string Namespace, string Version, ImmutableSortedDictionary<string, Quantity> Used);
