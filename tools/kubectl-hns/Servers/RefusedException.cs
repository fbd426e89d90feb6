namespace Heliograph.Hns;

/// <summary>The API server said no; the message is its own.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What it said.</param>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>Whether somebody was quicker, or an admission webhook calls it a conflict.</summary>
    public bool IsConflict => Status == 409;

    public bool IsForbidden => Status == 403;
}
