using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Heliograph.Architecture.Tests;

/// <summary>What the compiled code of an assembly refers to: other assemblies, types and members, as its metadata lists them.</summary>
internal sealed class CodeReferences
{
    private CodeReferences(ImmutableArray<string> assemblies, ImmutableArray<string> members)
    {
        Assemblies = assemblies;
        Members = members;
    }

    /// <summary>The assemblies.</summary>
    public ImmutableArray<string> Assemblies { get; }

    /// <summary>Types as <c>System.IO.File</c>, members as <c>System.IO.File.ReadAllText</c>.</summary>
    public ImmutableArray<string> Members { get; }

    /// <summary>Reads an assembly that lies beside these tests.</summary>
    public static CodeReferences Of(string assembly)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        var assemblies = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name));
        var types = metadata.TypeReferences.Select(handle => TypeName(metadata, handle));
        var members = metadata.MemberReferences.Select(handle => metadata.GetMemberReference(handle))
            .Select(member => (Type: ParentName(metadata, member.Parent), Name: metadata.GetString(member.Name)))
            .Where(member => member.Type is not null)
            .Select(member => $"{member.Type}.{member.Name}");
        return new CodeReferences([.. assemblies], [.. types.Concat(members).Distinct().Order(StringComparer.Ordinal)]);
    }

    private static string TypeName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{TypeName(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{name}"
            : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    private static string? ParentName(MetadataReader metadata, EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference => TypeName(metadata, (TypeReferenceHandle)parent),
        HandleKind.TypeSpecification => GenericName(metadata, metadata.GetTypeSpecification((TypeSpecificationHandle)parent)),
        _ => null,
    };

    /// <summary>The generic type without its arguments; null for arrays and the like.</summary>
    private static string? GenericName(MetadataReader metadata, TypeSpecification specification)
    {
        var signature = metadata.GetBlobReader(specification.Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;
        signature.ReadByte();
        var type = signature.ReadTypeHandle();
        return type.Kind == HandleKind.TypeReference ? TypeName(metadata, (TypeReferenceHandle)type) : null;
    }
}
