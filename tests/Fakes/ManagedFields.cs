using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>Who set the fields of an object, and by which operation. One manager can stand there twice: as updater and as applier.</summary>
/// <param name="Name">The field manager.</param>
/// <param name="IsApply">Whether it applied, or else updated.</param>
/// <param name="ApiVersion">The version of the object's API.</param>
internal readonly record struct Manager(string Name, bool IsApply, string ApiVersion)
{
    public string Operation => IsApply ? "Apply" : "Update";
}

/// <summary>Who writes, when, and to which API server.</summary>
internal readonly record struct Writer(string Manager, string Time, ApiServerAge Age);

/// <summary>What one manager owns, and since when.</summary>
internal readonly record struct Owned(FieldSet Fields, string Time);

/// <summary>An apply that was not forced touches what others own.</summary>
internal sealed class ApplyConflictException(ImmutableArray<string> fields) : Exception("others own what is applied")
{
    public ImmutableArray<string> Fields { get; } = fields;
}

/// <summary>
/// <c>metadata.managedFields</c> and how each kind of write changes them. An update moves the ownership of what it changed; an apply owns what it says, shares
/// what was right already, and takes away what it said before and no longer says, unless somebody else owns it.
/// </summary>
internal sealed class ManagedFields
{
    /// <summary>Beyond this many updaters the API server merges the oldest; the fake does not follow it there.</summary>
    private const int MaxUpdaters = 10;

    /// <summary>The name under which the API server books the fields of an untracked object at its first apply.</summary>
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>Never owned by anybody.</summary>
    private static readonly FieldSet Unowned = FieldSet.Of(
    [
        FieldSet.Members("apiVersion"), FieldSet.Members("kind"), FieldSet.Members("metadata"),
        .. new[] { "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion" }
            .Select(name => FieldSet.Members("metadata", name)),
    ]);

    private readonly ImmutableDictionary<Manager, Owned> managers;

    private ManagedFields(ImmutableDictionary<Manager, Owned> managers) => this.managers = managers;

    private static ManagedFields None { get; } = new(ImmutableDictionary<Manager, Owned>.Empty);

    /// <summary>
    /// The object of an update with its managed fields: those the request brought along, if any, else those of the live object, changed by the difference.
    /// </summary>
    /// <param name="live">The object as stored; a blank one where there is none.</param>
    /// <param name="updated">The object as it shall be.</param>
    /// <param name="kind">Its row of the kinds table.</param>
    /// <param name="writer">Who updates, when, and whom they ask.</param>
    public static Json.Map Update(Json.Map live, Json.Map updated, Kind kind, Writer writer)
    {
        var tracked = Brought(updated) ?? Of(live);
        var isStored = live.MapOf("metadata").TextOf("uid").Length > 0;
        var (before, after) = (Bare(live), Bare(updated));
        return tracked.managers.IsEmpty && isStored ? after : tracked.Updated(before, Form.Stored(after, kind), kind, writer).On(after);
    }

    /// <summary>The live object with what is applied, and with its managed fields.</summary>
    /// <exception cref="ApplyConflictException">It was not forced, and others own what it would change.</exception>
    public static Json.Map Apply(Json.Map live, Json.Map applied, Kind kind, Writer writer, bool force)
    {
        var tracked = Of(live);
        live = Bare(live);
        if (tracked.managers.IsEmpty)
            tracked = tracked.Updated(Form.Blank(kind), live, kind, writer with { Manager = BeforeFirstApply });
        var structure = Structure.Of(kind);
        var self = new Manager(writer.Manager, true, kind.ApiVersion);
        var former = tracked.managers;
        var reconciled = tracked.Reconciled(live, structure, writer.Age);
        var last = reconciled.TryGetValue(self, out var owned) ? owned.Fields : FieldSet.Empty;
        var mentioned = Structured.Mentioned(applied, structure);
        var claimed = reconciled.SetItem(self, new Owned(mentioned, owned.Time ?? ""));
        var merged = Prune(Structured.Merge(live, applied, structure), last, claimed.Values.Select(o => o.Fields), structure);
        var difference = Structured.Compare(live, merged, structure);
        var yielded = Yield(claimed, difference, self, force);
        var fields = mentioned.Except(Unowned);
        var after = fields.IsEmpty ? yielded.Remove(self) : yielded.SetItem(self, new Owned(fields, owned.Time ?? ""));
        var isChanged = !difference.IsNone || !SameFields(after, former);
        if (isChanged && after.TryGetValue(self, out var mine))
            after = after.SetItem(self, mine with { Time = writer.Time });
        var result = difference.IsNone ? live : Form.Merged(Form.Read(merged, kind), kind);
        return new ManagedFields(after).On(result);
    }

    private static ManagedFields Of(Json.Map live) => Read(live.MapOf("metadata").ItemsOf("managedFields"));

    /// <summary>
    /// The managed fields that stand in a request. An empty list, or one empty entry, means that nothing shall be tracked any more; none at all, or such
    /// as cannot be read, means that the live object's go on.
    /// </summary>
    private static ManagedFields? Brought(Json.Map updated)
    {
        if (updated.MapOf("metadata")["managedFields"] is not Json.List { Items: var entries })
            return null;
        if (entries.IsEmpty || (entries.Length == 1 && entries[0] is Json.Map { IsEmpty: true }))
            return None;
        if (entries.Any(entry => (entry as Json.Map)?.TextOf("fieldsType") != "FieldsV1"))
            return null;
        return Read(entries);
    }

    private static ManagedFields Read(ImmutableArray<Json> entries) => new(entries.OfType<Json.Map>().ToImmutableDictionary(
        entry => new Manager(entry.TextOf("manager"), entry.TextOf("operation") == "Apply", entry.TextOf("apiVersion")),
        entry => new Owned(FieldSet.FromFieldsV1(entry.MapOf("fieldsV1")), entry.TextOf("time"))));

    /// <summary>An object without its managed fields.</summary>
    public static Json.Map Bare(Json.Map body) => body.With("metadata", body.MapOf("metadata").With("managedFields", (Json?)null));

    private ManagedFields Updated(Json.Map live, Json.Map updated, Kind kind, Writer writer)
    {
        var manager = new Manager(writer.Manager, false, kind.ApiVersion);
        var structure = Structure.Of(kind);
        var difference = Structured.Compare(live, updated, structure);
        var after = Yield(Reconciled(live, structure, writer.Age), difference, self: null, force: true);
        var taken = difference.Set.Except(Unowned);
        if (!taken.IsEmpty)
        {
            var fields = after.TryGetValue(manager, out var kept) ? kept.Fields.Union(taken) : taken;
            var isSame = managers.TryGetValue(manager, out var former) && former.Fields.SameAs(fields);
            after = after.SetItem(manager, new Owned(fields, isSame ? former.Time : writer.Time));
        }
        if (after.Count(entry => !entry.Key.IsApply) > MaxUpdaters)
            throw new NotSupportedException($"the fake does not merge the entries of more than {MaxUpdaters} updaters of one object");
        return new ManagedFields(after);
    }

    /// <summary>
    /// What the managers own before anything else happens. Old API servers take a manager that owns a container and nothing in it for one that owned it as a
    /// whole, before the schema knew its parts, and give it all that is in there now: keys that others took from it, with values that are not its own.
    /// </summary>
    private ImmutableDictionary<Manager, Owned> Reconciled(Json.Map live, Structure structure, ApiServerAge age)
    {
        if (age != ApiServerAge.Kubernetes120)
            return managers;
        var all = Structured.Mentioned(live, structure);
        return managers.ToImmutableDictionary(entry => entry.Key, entry => entry.Value with { Fields = entry.Value.Fields.Filled(all) });
    }

    /// <summary>Everybody but the one who writes loses what was set anew and what is gone.</summary>
    private static ImmutableDictionary<Manager, Owned> Yield(
        ImmutableDictionary<Manager, Owned> managers, Difference difference, Manager? self, bool force)
    {
        var after = managers;
        var conflicts = FieldSet.Empty;
        foreach (var (manager, owned) in managers)
        {
            if (manager == self)
                continue;
            conflicts = conflicts.Union(owned.Fields.Intersect(difference.Set));
            var kept = owned.Fields.Except(difference.Set).Except(difference.Removed);
            after = kept.IsEmpty ? after.Remove(manager) : after.SetItem(manager, owned with { Fields = kept });
        }
        if (!force && !conflicts.IsEmpty)
            throw new ApplyConflictException([.. conflicts.Dotted]);
        return after;
    }

    /// <summary>Takes away what was applied before and is not any more, except for what anybody owns now.</summary>
    private static Json.Map Prune(Json.Map merged, FieldSet last, IEnumerable<FieldSet> owned, Structure structure)
    {
        if (last.IsEmpty)
            return merged;
        var all = Structured.Mentioned(merged, structure);
        var left = Structured.Mentioned(Structured.Without(merged, last, structure), structure);
        var unowned = all.Except(owned.Aggregate(left, (union, fields) => union.Union(fields)));
        var pruned = Structured.Mentioned(Structured.Without(merged, unowned, structure), structure);
        return Structured.Without(merged, all.Except(pruned).Intersect(last), structure);
    }

    private static bool SameFields(ImmutableDictionary<Manager, Owned> left, ImmutableDictionary<Manager, Owned> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && entry.Value.Fields.SameAs(other.Fields));

    private Json.Map On(Json.Map body)
    {
        var entries = managers
            .OrderBy(entry => entry.Key.Operation, StringComparer.Ordinal)
            .ThenBy(entry => entry.Value.Time, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .ThenBy(entry => entry.Key.ApiVersion, StringComparer.Ordinal)
            .Select(entry => (Json)Json.Of(
                ("manager", Json.Of(entry.Key.Name)), ("operation", Json.Of(entry.Key.Operation)), ("apiVersion", Json.Of(entry.Key.ApiVersion)),
                ("time", entry.Value.Time.Length == 0 ? null : Json.Of(entry.Value.Time)), ("fieldsType", Json.Of("FieldsV1")),
                ("fieldsV1", entry.Value.Fields.ToFieldsV1())))
            .ToImmutableArray();
        return body.With("metadata", body.MapOf("metadata").With("managedFields", entries.IsEmpty ? null : new Json.List(entries)));
    }
}
