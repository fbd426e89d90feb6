namespace Heliograph.Azurite;

/// <summary>Azurite could not be installed or started; the message says why and what to do.</summary>
public sealed class AzuriteException : Exception
{
    /// <summary>An error with a message for a person.</summary>
    public AzuriteException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message for a person and what led to it.</summary>
    public AzuriteException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
