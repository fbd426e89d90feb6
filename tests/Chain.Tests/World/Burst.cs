using Heliograph.Model;

namespace Heliograph.Chain.Tests.World;

/// <summary>
/// A user in a hurry: the same seed asks the same. Sources come, change, want other namespaces and go; namespaces come and go; somebody spoils mirrors.
/// </summary>
internal sealed class Burst(SourcesWorld world, string prefix, int seed)
{
    private const int FirstNamespaces = 8;
    private readonly Random random = new(seed);
    private int namespaces;
    private int names;

    private string Home => $"{prefix}-home";

    private string Filled => $"{prefix}-filled";

    /// <summary>The world before: namespaces, sources of both kinds, and objects that ask to be filled.</summary>
    public async Task SettleInAsync()
    {
        await world.AddNamespacesAsync([Home, Filled, .. Enumerable.Range(0, FirstNamespaces).Select(_ => NewNamespace())]);
        for (var i = 0; i < 4; i++)
            await CreateAsync();
        foreach (var kind in (string[])["Secret", "ConfigMap"])
        {
            var lender = new Source(new ResourceRef(kind, Home, "lender"), $"{prefix}-nowhere", 0);
            await world.PutAsync(lender);
            await world.PutAsync(new Pull(new ResourceRef(kind, Filled, "filled"), lender.Ref));
        }
    }

    public async Task GoAsync(int steps)
    {
        for (var i = 0; i < steps; i++)
            await StepAsync();
    }

    private Task StepAsync() => random.Next(100) switch
    {
        < 45 => UpdateAsync(),
        < 55 => CreateAsync(),
        < 62 => RemoveAsync(),
        < 74 => NarrowAsync(),
        < 82 => world.AddNamespacesAsync(NewNamespace()),
        < 85 => RemoveNamespaceAsync(),
        < 94 => world.SpoilAsync(AnyMirror()),
        _ => world.DeleteMirrorAsync(AnyMirror()),
    };

    private Task CreateAsync() => world.PutAsync(
        new Source(new ResourceRef(random.Next(2) == 0 ? "Secret" : "ConfigMap", Home, $"s{names++}"), AnyPattern(), random.Next()));

    private Task UpdateAsync() => world.PutAsync(AnySource() with { Content = random.Next() });

    private Task NarrowAsync() => Pushed() is [] ? CreateAsync() : world.PutAsync(AnyPushed() with { Pattern = AnyPattern() });

    private Task RemoveAsync() => Pushed() is [] or [_] ? CreateAsync() : world.RemoveAsync(AnyPushed());

    private Task RemoveNamespaceAsync() => world.RemoveNamespaceAsync(Pick(Tenants()));

    private ResourceRef AnyMirror() => AnyPushed().MirrorIn(Pick(Tenants()));

    private Source AnySource() => Pick(Ours());

    private Source AnyPushed() => Pick(Pushed());

    private Source[] Ours() => [.. world.Sources.Where(source => source.Ref.Namespace == Home)];

    private Source[] Pushed() => [.. Ours().Where(source => source.Ref.Name != "lender")];

    private string[] Tenants() => [.. world.Namespaces.Where(ns => ns.StartsWith($"{prefix}-team", StringComparison.Ordinal))];

    private string AnyPattern() => random.Next(3) switch
    {
        0 => $"{prefix}-team.*",
        1 => $"{prefix}-team.*[02468]",
        _ => $"{prefix}-team.*[3-7]",
    };

    private string NewNamespace() => $"{prefix}-team{namespaces++}";

    private T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
