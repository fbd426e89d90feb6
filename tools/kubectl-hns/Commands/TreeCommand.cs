using System.CommandLine;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns tree</c>: who is below whom, and, with <c>--mirrors</c>, what was handed down to whom.</summary>
internal static class TreeCommand
{
    public static Command Create(CommonOptions common)
    {
        var roots = new Argument<string[]>("TREE") { Arity = ArgumentArity.ZeroOrMore, Description = "The namespaces at the top of what is shown." };
        var all = CommonOptions.AllNamespaces("Displays all trees on the cluster.");
        var mirrors = new Option<bool>("--mirrors") { Description = "Displays below each namespace what it inherited, and from where." };
        var command = new Command("tree", "Display one or more hierarchy trees.") { roots, all, mirrors };
        command.SetAction(async (parsed, cancellation) =>
        {
            var named = parsed.GetValue(roots) ?? [];
            if (named.Length == 0 && !parsed.GetValue(all))
                throw new HnsException("Error: Must specify the root of the tree(s) to display or else specify --all-namespaces");
            using var server = common.Connect(parsed);
            var forest = await ForestReader.ReadAsync(server, named, cancellation);
            var inherited = parsed.GetValue(mirrors) ? await Inherited.ReadAsync(server, Shown(forest, named), cancellation) : null;
            var text = new TreeText(forest, inherited is null ? null : ns => inherited.Lines[ns]);
            foreach (var line in (named.Length, parsed.GetValue(all)) switch
            {
                (0, _) => text.All(),
                (_, false) => text.Of(named),
                // HNC's way: with names and --all-namespaces every namespace is the top of a tree.
                (_, true) => text.Of(forest.Members.Select(member => member.Name)),
            })
                await parsed.InvocationConfiguration.Output.WriteLineAsync(line);
            foreach (var line in inherited?.Unread ?? [])
                await parsed.InvocationConfiguration.Error.WriteLineAsync(line);
            return 0;
        });
        return command;
    }

    private static HashSet<string> Shown(Forest forest, string[] roots) => roots.Length == 0
        ? forest.Members.Select(member => member.Name).ToHashSet(StringComparer.Ordinal)
        : roots.SelectMany(forest.SubtreeOf).ToHashSet(StringComparer.Ordinal);
}
