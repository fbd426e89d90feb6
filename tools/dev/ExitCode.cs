namespace Heliograph.Dev;

/// <summary>What the process says at its end.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Something that should have worked did not.</summary>
    public const int Failed = 1;

    /// <summary>What was asked for makes no sense; the message says what would.</summary>
    public const int UsersMistake = 2;
}

/// <summary>Something did not work. The message is for the user; a stack trace would tell nothing.</summary>
internal sealed class DevException(string message) : Exception(message);

/// <summary>The user asked for something that cannot be. The message names it and says what can.</summary>
internal sealed class UserMistakeException(string message) : Exception(message);
