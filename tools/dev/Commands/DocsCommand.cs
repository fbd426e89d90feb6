using System.CommandLine;
using Heliograph.Dev.Docs;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev docs</c>: writes the pages that follow from the code.</summary>
internal static class DocsCommand
{
    public static Command Create()
    {
        var command = new Command("docs", "Writes the pages of docs that follow from the code: the settings, and the reasons of decisions.");
        command.SetAction(_ =>
        {
            foreach (var page in Page.All.Where(page => !page.IsCurrent))
            {
                page.Save();
                Console.WriteLine($"docs/{page.File}");
            }
            return ExitCode.Done;
        });
        return command;
    }
}
