namespace Heliograph.ControlPlane;

/// <summary>
/// The control plane could not be found, built, started or asked. The message says which part, why and what to do; it never holds a token.
/// </summary>
public sealed class ControlPlaneException : Exception
{
    /// <summary>An error with a message for a person.</summary>
    public ControlPlaneException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message for a person and what led to it.</summary>
    public ControlPlaneException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
