using Heliograph.Simulation;

try
{
    var options = Options.Read(args);
    return options.Plan is { } plan ? Replay.RunOne(plan, options.Shrinks) : Replay.RunMany(options.First, options.Last, options.HasTrees);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
