namespace Heliograph.Functions.Resync;

/// <summary>How far an operation is, for people and for programs.</summary>
internal static class OperationReport
{
    /// <summary>What came of it, or that it is not there yet and where to ask.</summary>
    public static string Text(Operation operation, Operation.State state, string place) => state switch
    {
        { Status: OperationStatus.NotStarted } => $"accepted: {operation.Scope}; ask at {place}\n",
        { Status: OperationStatus.Running } => $"running: {operation.Scope}; ask at {place}\n",
        { Outcome: { } outcome, Problem: null } => Report.Text(outcome, dryRun: false),
        { Outcome: { } outcome } => $"{Report.Text(outcome, dryRun: false)}failed: {state.Problem}\n",
        _ => $"failed: {state.Problem}\n",
    };

    /// <summary>The same as JSON, the outcome as its <c>result</c>.</summary>
    public static byte[] Json(Operation operation, Operation.State state) => JsonText.Object(json =>
    {
        json.WriteString("id", operation.Id);
        json.WriteString("status", state.Status.ToString());
        json.WriteString("scope", operation.Scope.ToString());
        json.WriteString("created", operation.Created);
        if (state.Ended is { } ended)
            json.WriteString("ended", ended);
        if (state.Problem is { } problem)
            json.WriteString("problem", problem);
        if (state.Outcome is { } outcome)
        {
            json.WritePropertyName("result");
            json.WriteRawValue(Report.Json(outcome, dryRun: false));
        }
    });
}
