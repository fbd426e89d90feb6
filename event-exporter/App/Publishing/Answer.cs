namespace Heliograph.Exporter.Publishing;

/// <summary>What the endpoint makes of a request.</summary>
internal abstract record Answer
{
    private Answer()
    {
    }

    /// <summary>It has the events.</summary>
    public sealed record Accepted : Answer;

    /// <summary>It says that what was sent is no event, or too much of it, and always will be.</summary>
    public sealed record Invalid(int StatusCode) : Answer;

    /// <summary>It is well, and has done what could be done.</summary>
    /// <param name="Left">What is left.</param>
    /// <param name="RetryAfter">How long it asked us to wait before that is tried again.</param>
    public sealed record Undone(Model.Undone Left, TimeSpan? RetryAfter) : Answer;

    /// <summary>Not now: it has too much to do, or it cannot be reached.</summary>
    /// <param name="Reason">What happened, as the end of a sentence.</param>
    /// <param name="RetryAfter">How long it asked us to wait.</param>
    public sealed record NotNow(string Reason, TimeSpan? RetryAfter) : Answer
    {
        /// <summary>Whether it looked at the events, so that perhaps one of them alone is to blame, such as one whose mirror cannot be written.</summary>
        public bool MayBeOneEvent { get; init; }
    }

    /// <summary>Nothing will be accepted until somebody changes a setting, here or there.</summary>
    /// <param name="Reason">What happened, naming the setting.</param>
    public sealed record Misconfigured(string Reason) : Answer;
}
