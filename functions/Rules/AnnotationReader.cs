using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Reads one object's annotations for the dialects and collects what cannot be read.</summary>
internal sealed class AnnotationReader(Snapshot read)
{
    private readonly ImmutableArray<Fault>.Builder faults = ImmutableArray.CreateBuilder<Fault>();

    public ImmutableArray<Fault> Faults => faults.ToImmutable();

    public string? Text(string key) => read.Annotation(key);

    /// <summary>A value that is set to something other than white space.</summary>
    public bool Has(string key, [NotNullWhen(true)] out string? value) => !string.IsNullOrWhiteSpace(value = read.Annotation(key));

    /// <summary>
    /// A boolean: true, false, 1, 0, t, f in any case. What is anything else is a fault and counts as false.
    /// </summary>
    public bool Boolean(string key, out Fault? fault)
    {
        fault = null;
        switch (read.Annotation(key)?.Trim().ToUpperInvariant())
        {
            case "TRUE" or "1" or "T":
                return true;
            case null or "FALSE" or "0" or "F":
                return false;
            default:
                fault = Report(key, $"\"{read.Annotation(key)}\" is not a boolean", "write \"true\" or \"false\"");
                return false;
        }
    }

    /// <summary>The namespaces named by a list of patterns.</summary>
    public NamespaceRule Named(string key, string value) => PatternList.Parse(value, out var problem) is { } patterns
        ? new NamespaceRule.Named(key, patterns)
        : new NamespaceRule.Unreadable(Report(key, problem!, "write a comma list of regular expressions, each matching a whole name"));

    /// <summary>The namespaces selected by their labels.</summary>
    public NamespaceRule Labelled(string key, string value) => LabelSelector.Parse(value, out var problem) is { } selector
        ? new NamespaceRule.Labelled(key, selector)
        : new NamespaceRule.Unreadable(Report(key, problem!, "write a Kubernetes label selector such as \"env in (dev,test),!legacy\""));

    /// <summary>A reference <c>namespace/name</c>, both parts trimmed; null (and a fault) for any other form.</summary>
    public ResourceRef? Reference(string key, string value)
    {
        var parts = value.Split('/', StringSplitOptions.TrimEntries);
        if (parts is [{ Length: > 0 } ns, { Length: > 0 } name] && LabelSyntax.IsSubdomain(ns))
            return new ResourceRef(read.Kind.Name, ns, name);
        Report(key, $"\"{value}\" does not name a source", "write \"namespace/name\"");
        return null;
    }

    public Fault Report(string key, string problem, string remedy)
    {
        var fault = new Fault(read.Ref, key, problem, remedy);
        faults.Add(fault);
        return fault;
    }
}
