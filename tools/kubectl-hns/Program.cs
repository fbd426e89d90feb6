using System.Text;
using Heliograph.Hns;

// The tree is drawn with more than ASCII.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await Plugin.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
