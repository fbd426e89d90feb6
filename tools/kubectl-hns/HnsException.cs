namespace Heliograph.Hns;

/// <summary>What was asked cannot be done; the message is all that the user is told.</summary>
internal sealed class HnsException(string message) : Exception(message);
