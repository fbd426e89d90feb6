using System.Text.RegularExpressions;
using Heliograph.Model;

namespace Heliograph.Chain.Tests.World;

/// <summary>A source as its user wants it, in Reflector's dialect.</summary>
/// <param name="Ref">What it is.</param>
/// <param name="Pattern">The namespaces it is pushed to: one regular expression.</param>
/// <param name="Content">What is in it; another number, another content.</param>
internal sealed record Source(ResourceRef Ref, string Pattern, int Content)
{
    public bool Wants(string ns) => ns != Ref.Namespace && Regex.IsMatch(ns, $"^(?:{Pattern})$");

    public ResourceRef MirrorIn(string ns) => Ref with { Namespace = ns };
}

/// <summary>An object that asks to be filled from a source.</summary>
internal sealed record Pull(ResourceRef Ref, ResourceRef Source);

/// <summary>An object as the API server has it.</summary>
internal sealed record Standing(string Version, string Uid, string Data, IReadOnlyDictionary<string, string> Annotations)
{
    public string? CopiedFrom => Annotations.GetValueOrDefault(Vocabulary.Heliograph.Source);
}
