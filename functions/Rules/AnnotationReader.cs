using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Reads one object's annotations for the dialects and collects what cannot be read.</summary>
internal sealed class AnnotationReader(Snapshot read)
{
    private ImmutableArray<Fault>.Builder? faults;

    public Snapshot Object => read;

    public ImmutableArray<Fault> Faults => faults?.ToImmutable() ?? [];

    public string? Text(string key) => read.Annotation(key);

    /// <summary>A value that is set to something other than white space.</summary>
    public bool Has(string key, [NotNullWhen(true)] out string? value) => !string.IsNullOrWhiteSpace(value = read.Annotation(key));

    /// <summary>
    /// A boolean: true, false, 1, 0, t, f in any case. What is anything else is a fault and counts as false.
    /// </summary>
    public bool Boolean(string key, out Fault? fault)
    {
        fault = null;
        if (read.Annotation(key) is not { } text)
            return false;
        switch (text.Trim().ToUpperInvariant())
        {
            case "TRUE" or "1" or "T":
                return true;
            case "FALSE" or "0" or "F":
                return false;
            default:
                fault = Report(key, $"{Excerpt.Of(text)} is not a boolean", "write \"true\" or \"false\"");
                return false;
        }
    }

    /// <summary>A list of patterns; null (and a fault) where it is invalid.</summary>
    public PatternList? Patterns(string key, string value, out Fault? fault)
    {
        var patterns = PatternList.Parse(value, out var problem);
        fault = patterns is null ? Report(key, problem!, "write a comma list of regular expressions, each matching a whole name") : null;
        return patterns;
    }

    /// <summary>The namespaces named by a list of patterns.</summary>
    public NamespaceRule Named(string key, string value) =>
        Patterns(key, value, out var fault) is { } patterns ? new NamespaceRule.Named(key, patterns) : new NamespaceRule.Unreadable(fault!);

    /// <summary>The namespaces selected by their labels.</summary>
    public NamespaceRule Labelled(string key, string value) => LabelSelector.Parse(value, out var problem) is { } selector
        ? new NamespaceRule.Labelled(key, selector)
        : new NamespaceRule.Unreadable(Report(key, problem!, "write a Kubernetes label selector such as \"env in (dev,test),!legacy\""));

    /// <summary>A reference <c>namespace/name</c>, both parts trimmed; null (and a fault) for any other form, and for the object itself.</summary>
    public ResourceRef? Reference(string key, string value)
    {
        var parts = value.Split('/', StringSplitOptions.TrimEntries);
        if (parts is not [var ns, var name] || !ObjectName.IsNamespace(ns) || !ObjectName.IsLegal(read.Kind, name))
        {
            Report(key, $"{Excerpt.Of(value)} does not name a {read.Kind.Name}", "write \"namespace/name\"");
            return null;
        }
        var source = new ResourceRef(read.Kind.Name, ns, name);
        if (source != read.Ref)
            return source;
        Report(key, $"{Excerpt.Of(value)} is the object itself", "name another one");
        return null;
    }

    public Fault Report(string key, string problem, string remedy)
    {
        var fault = new Fault(read.Ref, key, problem, remedy) { Uid = read.Uid };
        (faults ??= ImmutableArray.CreateBuilder<Fault>()).Add(fault);
        return fault;
    }
}
