using System.Collections.Immutable;
using Heliograph.Functions;
using Heliograph.Hosting;
using Heliograph.Queues;

namespace Heliograph.Standalone;

/// <summary>The function that a queue triggers: it is there where a queue is named.</summary>
internal sealed record QueueFunction(QueueSettings Queue, TimeSpan Visibility, TimeSpan PollInterval, TimeSpan RetryDelay)
{
    public static readonly Setting VisibilityIs = new(
        "Queue__VisibilityTimeout",
        "How long a message that is worked on stays hidden from others, hh:mm:ss; it is renewed while the work goes on. So long does it take until another "
        + "instance takes over from one that was killed.", "00:01:00");

    public static readonly Setting PollIntervalIs = new(
        "Queue__PollInterval", "How long an empty queue is left alone at most, hh:mm:ss.", "00:00:02");

    public static readonly Setting RetryDelayIs = new(
        "Queue__RetryDelay", "How long a message whose work was not done rests before its second attempt, hh:mm:ss; before each further one four times as long.", "00:00:02");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } = [.. QueueSettings.All, VisibilityIs, PollIntervalIs, RetryDelayIs];

    /// <summary>Adds the function, if its settings say so.</summary>
    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    public static void Add(WebApplicationBuilder builder)
    {
        if (Read(builder.Configuration) is not { } function)
            return;
        builder.Services.AddSingleton(function);
        builder.Services.AddSingleton<QueueTelemetry>();
        builder.Services.AddSingleton<QueueDoor>();
        builder.Services.AddSingleton<QueueBatch>();
        builder.Services.AddSingleton<QueueLoop>();
        builder.Services.AddSingleton<IObstacle>(parts => parts.GetRequiredService<QueueLoop>());
        builder.Services.AddHostedService(parts => parts.GetRequiredService<QueueLoop>());
    }

    /// <summary>Reads the settings; null where no queue is named.</summary>
    public static QueueFunction? Read(IConfiguration configuration)
    {
        var settings = new SettingsReader(configuration);
        var queue = QueueSettings.Read(settings);
        var visibility = settings.Duration(VisibilityIs, TimeSpan.FromMinutes(1), least: TimeSpan.FromSeconds(2), most: TimeSpan.FromHours(1));
        var poll = settings.Duration(PollIntervalIs, TimeSpan.FromSeconds(2), least: TimeSpan.FromMilliseconds(100), most: TimeSpan.FromMinutes(5));
        var retry = settings.Duration(RetryDelayIs, TimeSpan.FromSeconds(2), least: TimeSpan.Zero, most: TimeSpan.FromMinutes(5));
        settings.ThrowIfInvalid();
        return queue is null ? null : new QueueFunction(queue, visibility, poll, retry);
    }
}
