using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Heliograph.Hosting;

/// <summary>
/// Reads settings and collects everything that is wrong with them, so that a user learns all of it at the first start and not one thing a start.
/// </summary>
public sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> problems = [];

    /// <summary>A text; null where the setting is absent or blank.</summary>
    public string? Text(Setting setting)
    {
        var text = configuration[setting.Key];
        return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }

    /// <summary>Any value that a function can read; what it cannot is a problem.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="parse">Reads the text; returns false where it cannot.</param>
    /// <param name="expected">What the text should have been, for the message.</param>
    /// <param name="absent">The value where the setting is not set.</param>
    public T Value<T>(Setting setting, TryParse<T> parse, string expected, T absent)
    {
        if (Text(setting) is not { } text)
            return absent;
        if (parse(text, out var value))
            return value!;
        Report(setting, $"is \"{text}\", which is not {expected}");
        return absent;
    }

    /// <summary>A boolean: true or false.</summary>
    public bool Boolean(Setting setting, bool absent) => Value(setting, bool.TryParse, "true or false", absent);

    /// <summary>A duration such as <c>00:10:00</c> within bounds.</summary>
    public TimeSpan Duration(Setting setting, TimeSpan absent, TimeSpan least, TimeSpan most) => Value(
        setting,
        (string text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        $"a duration hh:mm:ss between {least} and {most}",
        absent);

    /// <summary>Notes a problem with a setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="problem">What is wrong, as the rest of a sentence that begins with the setting's name.</param>
    public void Report(Setting setting, string problem) => problems.Add($"setting {setting.Name} {problem}");

    /// <summary>Ends the start where anything was wrong.</summary>
    /// <exception cref="SettingsException">Something was; the message has one line for each thing.</exception>
    public void ThrowIfInvalid()
    {
        if (problems.Count > 0)
            throw new SettingsException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>Reads a value from text.</summary>
    public delegate bool TryParse<T>(string text, out T? value);
}

/// <summary>Settings with which the process cannot start. The message is for the user; a stack trace would tell him nothing.</summary>
public sealed class SettingsException(string message) : Exception(message);
