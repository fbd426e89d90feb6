namespace Heliograph.Simulation;

/// <summary>Makes a plan that breaks a promise as small as it can: fewer kinds of faults, then fewer user actions.</summary>
internal static class Shrinker
{
    /// <summary>No action has a higher number.</summary>
    private const int MaxActions = 150;

    /// <summary>Tries to do without one thing after the other, as long as the same promise is broken.</summary>
    public static Result Shrink(Result broken, Mutation? mutation = null)
    {
        foreach (var fault in Enum.GetValues<Faults>().Where(fault => fault is not (Faults.None or Faults.All)))
            Try(plan => plan with { Faults = plan.Faults & ~fault });
        for (var chunk = 32; chunk > 0; chunk /= 2)
        {
            for (var first = 0; first < MaxActions; first += chunk)
            {
                var left = Enumerable.Range(first, chunk);
                if (left.Any(action => !broken.Plan.Without.Contains(action)))
                    Try(plan => plan with { Without = plan.Without.Union(left) });
            }
        }
        return broken;

        void Try(Func<Plan, Plan> smaller)
        {
            var result = Simulation.Run(smaller(broken.Plan), mutation);
            if (result.Promise == broken.Promise)
                broken = result;
        }
    }
}
