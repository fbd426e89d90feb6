using System.Text.Json;

namespace Heliograph.Model;

/// <summary>Reads <c>metadata.managedFields</c> into <see cref="FieldOwnership"/>. Unknown forms are passed over: they can only make us look closer.</summary>
internal static class FieldOwnershipReader
{
    /// <summary>Reads the list; the reader stands on the property's name.</summary>
    public static FieldOwnership Read(ref Utf8JsonReader reader, Kind kind)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return FieldOwnership.Unknown;
        }
        var lists = new Lists(IsAnyOurs(reader));
        var entries = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            ReadEntry(ref reader, kind, lists);
            entries++;
        }
        return entries == 0 ? FieldOwnership.Unknown : lists.Result();
    }

    /// <summary>Paths by who owns them and how.</summary>
    /// <param name="withMetadata">Whether metadata matters, which it does only beside an entry of ours.</param>
    private sealed class Lists(bool withMetadata)
    {
        public SortedSet<string> Applied { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Updated { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Others { get; } = new(StringComparer.Ordinal);

        public bool WithMetadata { get; } = withMetadata;

        public bool IsAnyHollow { get; set; }

        /// <summary>
        /// What we updated and somebody else owns too is theirs. Kubernetes up to 1.21 hands a manager that has lost every key of a mapping all keys of
        /// that mapping with the next write of anybody (structured-merge-diff, issue 191), so ours would seem what we never wrote.
        /// </summary>
        public FieldOwnership Result()
        {
            Updated.ExceptWith(Others);
            Updated.UnionWith(Applied);
            return new FieldOwnership { Known = true, Ours = [.. Updated], Others = [.. Others.Where(path => !FieldOwnership.IsMetadata(path))], IsAnyHollow = IsAnyHollow };
        }
    }

    private static bool IsAnyOurs(Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isManager = reader.ValueTextEquals("manager"u8);
                reader.Read();
                if (isManager && IsOneOfOurs(reader))
                    return true;
                reader.Skip();
            }
        }
        return false;
    }

    private static bool IsOneOfOurs(Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals(Vocabulary.FieldManager) || reader.ValueTextEquals(Vocabulary.TreeFieldManager));

    private static void ReadEntry(ref Utf8JsonReader reader, Kind kind, Lists lists)
    {
        // The API server writes "fieldsV1" before "manager", so the fields are read again once the manager is known.
        var fields = reader;
        var hasFields = false;
        var isOurs = false;
        var isApplied = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("manager"u8))
            {
                reader.Read();
                isOurs = IsOneOfOurs(reader);
            }
            else if (reader.ValueTextEquals("operation"u8))
            {
                reader.Read();
                isApplied = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Apply"u8);
            }
            else if (reader.ValueTextEquals("fieldsV1"u8))
            {
                reader.Read();
                hasFields = reader.TokenType == JsonTokenType.StartObject;
                fields = reader;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }
        if (!hasFields)
            return;
        var isHollow = ReadFields(ref fields, kind, lists.WithMetadata, isOurs ? isApplied ? lists.Applied : lists.Updated : lists.Others);
        lists.IsAnyHollow |= isHollow && !isOurs;
    }

    /// <returns>Whether there is a mapping among them without any key.</returns>
    private static bool ReadFields(ref Utf8JsonReader reader, Kind kind, bool withMetadata, SortedSet<string> paths)
    {
        var isAnyHollow = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (withMetadata && reader.ValueTextEquals("f:metadata"u8))
                isAnyHollow |= ReadMetadata(ref reader, paths);
            else if (Copied(ref reader, kind) is not { } field)
                reader.Skip();
            else if (field.Shape == FieldShape.Map)
                isAnyHollow |= !ReadKeys(ref reader, field.Name, paths);
            else
                Add(ref reader, field.Name, paths);
        }
        return isAnyHollow;
    }

    private static CopiedField? Copied(ref Utf8JsonReader reader, Kind kind)
    {
        foreach (var field in kind.Copied)
        {
            if (reader.ValueTextEquals(field.ManagedName))
                return field;
        }
        return null;
    }

    private static void Add(ref Utf8JsonReader reader, string path, SortedSet<string> paths)
    {
        paths.Add(path);
        reader.Skip();
    }

    private static bool ReadMetadata(ref Utf8JsonReader reader, SortedSet<string> paths)
    {
        var isAnyHollow = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return isAnyHollow;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("f:labels"u8)) isAnyHollow |= !ReadKeys(ref reader, "labels", paths);
            else if (reader.ValueTextEquals("f:annotations"u8)) isAnyHollow |= !ReadKeys(ref reader, "annotations", paths);
            else if (reader.ValueTextEquals("f:ownerReferences"u8)) ReadOwners(ref reader, paths);
            else reader.Skip();
        }
        return isAnyHollow;
    }

    /// <summary>Reads <c>{".": {}, "k:{\"uid\":\"…\"}": {}, …}</c>.</summary>
    private static void ReadOwners(ref Utf8JsonReader reader, SortedSet<string> paths)
    {
        const string start = "k:{\"uid\":\"", end = "\"}";
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (key.StartsWith(start, StringComparison.Ordinal) && key.EndsWith(end, StringComparison.Ordinal) && key.Length > start.Length + end.Length)
                paths.Add($"ownerReferences/{key.AsSpan(start.Length, key.Length - start.Length - end.Length)}");
            reader.Skip();
        }
    }

    /// <summary>Reads <c>{".": {}, "f:key": {}, …}</c>; the dot stands for the mapping itself.</summary>
    /// <returns>Whether there was any key.</returns>
    private static bool ReadKeys(ref Utf8JsonReader reader, string field, SortedSet<string> paths)
    {
        var hasKeys = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return hasKeys;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (key.StartsWith("f:", StringComparison.Ordinal))
            {
                paths.Add($"{field}/{key.AsSpan(2)}");
                hasKeys = true;
            }
            reader.Skip();
        }
        return hasKeys;
    }
}
