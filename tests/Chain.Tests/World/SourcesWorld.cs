using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Model;

namespace Heliograph.Chain.Tests.World;

/// <summary>
/// What users have asked for, and how the cluster differs from what follows from that. It knows nothing of how mirrors are made: whatever lies in a
/// wanted place and holds what the source holds is one.
/// </summary>
internal sealed class SourcesWorld(UserApi user)
{
    private readonly HashSet<string> namespaces = [];
    private readonly Dictionary<ResourceRef, (Source Source, string Version)> sources = [];
    private readonly Dictionary<ResourceRef, Pull> pulls = [];

    public IReadOnlyList<Source> Sources => [.. sources.Values.Select(entry => entry.Source).OrderBy(source => source.Ref.ToString(), StringComparer.Ordinal)];

    public IReadOnlyList<string> Namespaces => [.. namespaces.Order(StringComparer.Ordinal)];

    /// <summary>How many mirrors there should be.</summary>
    public int Wanted => WantedMirrors().Count();

    public async Task AddNamespacesAsync(params IEnumerable<string> names)
    {
        var all = names.ToArray();
        await Parallel.ForEachAsync(all, TestContext.Current.CancellationToken, async (name, _) =>
            await user.ApplyAsync(Kinds.Namespace, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }));
        namespaces.UnionWith(all);
    }

    public async Task RemoveNamespaceAsync(string name)
    {
        await user.DeleteAsync(Kinds.Namespace, "", name);
        namespaces.Remove(name);
    }

    public async Task PutAsync(Source source)
    {
        var manifest = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = source.Ref.Name,
                ["annotations"] = new JsonObject
                {
                    [Vocabulary.Reflector.Allowed] = "true",
                    [Vocabulary.Reflector.AutoEnabled] = "true",
                    [Vocabulary.Reflector.AutoNamespaces] = source.Pattern,
                },
            },
            ["data"] = Content(source),
        };
        sources[source.Ref] = (source, await user.ApplyAsync(KindOf(source.Ref), source.Ref.Namespace, manifest));
    }

    public async Task RemoveAsync(Source source)
    {
        await user.DeleteAsync(KindOf(source.Ref), source.Ref.Namespace, source.Ref.Name);
        sources.Remove(source.Ref);
    }

    public async Task PutAsync(Pull pull)
    {
        await user.ApplyAsync(KindOf(pull.Ref), pull.Ref.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = pull.Ref.Name,
                ["annotations"] = new JsonObject { [Vocabulary.Reflector.Reflects] = $"{pull.Source.Namespace}/{pull.Source.Name}" },
            },
        });
        pulls[pull.Ref] = pull;
    }

    /// <summary>Somebody changes what they should not.</summary>
    public Task SpoilAsync(ResourceRef mirror) => user.PatchAsync(
        KindOf(mirror), mirror.Namespace, mirror.Name, new JsonObject { ["data"] = new JsonObject { ["v"] = Encode(KindOf(mirror), "spoilt") } });

    public Task DeleteMirrorAsync(ResourceRef mirror) => user.DeleteAsync(KindOf(mirror), mirror.Namespace, mirror.Name);

    /// <summary>Every object of the kinds served, as it is.</summary>
    public async Task<IReadOnlyDictionary<ResourceRef, Standing>> StandingAsync()
    {
        var all = new Dictionary<ResourceRef, Standing>();
        foreach (var kind in (Kind[])[Kinds.Secret, Kinds.ConfigMap])
        {
            foreach (var item in await user.ListAsync(kind))
            {
                var metadata = item["metadata"]!;
                all.Add(
                    new ResourceRef(kind.Name, (string)metadata["namespace"]!, (string)metadata["name"]!),
                    new Standing(
                        (string)metadata["resourceVersion"]!, (string)metadata["uid"]!, Canonical(item["data"]),
                        metadata["annotations"]?.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!) ?? []));
            }
        }
        return all;
    }

    /// <summary>Every mirror that is missing, wrong, or should not be; every source that was touched. Names only, never what is in them.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        var standing = await StandingAsync();
        var mirrors = WantedMirrors().ToDictionary(wanted => wanted.Mirror, wanted => wanted.Source);
        return
        [
            .. mirrors.SelectMany(pair => Compare(pair.Key, pair.Value, standing)),
            .. pulls.Values.SelectMany(pull => Compare(pull.Ref, sources[pull.Source].Source, standing)),
            .. sources.Values.SelectMany(entry => Touched(entry.Source, entry.Version, standing)),
            .. standing.Where(pair => pair.Value.CopiedFrom is not null && !mirrors.ContainsKey(pair.Key) && !pulls.ContainsKey(pair.Key))
                .Select(pair => $"{pair.Key} should not be there: a copy of {pair.Value.CopiedFrom}"),
            .. await NamespacesLeftAsync(),
        ];
    }

    private IEnumerable<(ResourceRef Mirror, Source Source)> WantedMirrors() =>
        from entry in sources.Values from ns in namespaces where entry.Source.Wants(ns) select (entry.Source.MirrorIn(ns), entry.Source);

    private static IEnumerable<string> Compare(ResourceRef place, Source source, IReadOnlyDictionary<ResourceRef, Standing> standing)
    {
        if (!standing.TryGetValue(place, out var found))
            yield return $"{place} is missing";
        else if (found.Data != Canonical(Content(source)))
            yield return $"{place} does not hold what {source.Ref} holds";
    }

    private static IEnumerable<string> Touched(Source source, string version, IReadOnlyDictionary<ResourceRef, Standing> standing)
    {
        if (!standing.TryGetValue(source.Ref, out var found))
            yield return $"the source {source.Ref} is gone";
        else if (found.Version != version)
            yield return $"the source {source.Ref} was written: it is at {found.Version}, and its user left it at {version}";
    }

    /// <summary>A namespace that is going may hold what it held.</summary>
    private async Task<IEnumerable<string>> NamespacesLeftAsync() =>
        (await user.ListAsync(Kinds.Namespace)).Where(ns => ns["metadata"]!["deletionTimestamp"] is not null)
            .Select(ns => $"the namespace {(string)ns["metadata"]!["name"]!} is still going");

    private static JsonObject Content(Source source)
    {
        var kind = KindOf(source.Ref);
        return new JsonObject { ["k"] = Encode(kind, Canary.Text + source.Ref.Name), ["v"] = Encode(kind, $"{Canary.Text}{source.Content}") };
    }

    private static string Encode(Kind kind, string text) => kind.Name == Kinds.Secret.Name ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : text;

    private static string Canonical(JsonNode? data) =>
        string.Join('\n', (data?.AsObject() ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={(string?)pair.Value}"));

    private static Kind KindOf(ResourceRef reference) => reference.Kind == Kinds.Secret.Name ? Kinds.Secret : Kinds.ConfigMap;
}
