using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Heliograph.Hosting;

namespace Heliograph.Queues;

/// <summary>Which storage queue, and how one gets in: by a connection string, or by the identity of the process. Exporter and functions need the same.</summary>
public sealed partial record QueueSettings
{
    /// <summary>The queue.</summary>
    public static Setting NameIs { get; } = new(
        "Queue__Name", "The storage queue that events go through. For the functions: where it is set they take events from it.", "none");

    /// <summary>The way in with a key.</summary>
    public static Setting ConnectionString { get; } = new(
        "Queue__ConnectionString", "The connection string of the queue's storage account.", "none: one of these three must be set where there is a queue");

    /// <summary>The same in a file.</summary>
    public static Setting ConnectionStringFile { get; } = new(
        "Queue__ConnectionStringFile", "A file that holds the connection string instead; it is read at the start.", "none");

    /// <summary>The way in with an identity.</summary>
    public static Setting ServiceUri { get; } = new(
        "Queue__ServiceUri", "The address of the account's queue service, to be entered with the identity of the process instead, for example "
        + "https://account.queue.core.windows.net.", "none");

    /// <summary>Every setting, for the reference.</summary>
    public static ImmutableArray<Setting> All { get; } = [NameIs, ConnectionString, ConnectionStringFile, ServiceUri];

    /// <summary>The queue's name.</summary>
    public required string Name { get; init; }

    /// <summary>The connection string; null where <see cref="Service"/> and the identity are the way in. A secret.</summary>
    public string? Connection { get; init; }

    /// <summary>The queue service; null where there is a connection string.</summary>
    public Uri? Service { get; init; }

    /// <summary>Where what can never be done is put.</summary>
    public string PoisonName => Name + "-poison";

    /// <summary>Reads them; what is wrong is reported.</summary>
    /// <returns>Null where no queue is named or the way to it is not clear.</returns>
    public static QueueSettings? Read(SettingsReader settings)
    {
        if (settings.Text(NameIs) is not { } name)
            return null;
        if (!QueueName().IsMatch(name))
            settings.Report(NameIs, $"is \"{name}\", which is not 3 to 56 small letters, digits and single hyphens between them");
        var connection = ReadConnection(settings);
        var service = settings.Value<Uri>(ServiceUri, IsService, "an https address such as https://account.queue.core.windows.net", absent: null!);
        string?[] ways = [settings.Text(ConnectionString), settings.Text(ConnectionStringFile), settings.Text(ServiceUri)];
        if (ways.Count(way => way is not null) != 1)
            settings.Report(ConnectionString, $"or {ConnectionStringFile.Name} or {ServiceUri.Name} must be set, and only one of them, because {NameIs.Name} is");
        return new QueueSettings { Name = name, Connection = connection, Service = service };
    }

    /// <summary>Never the connection string.</summary>
    public override string ToString() => $"queue {Name}";

    private static string? ReadConnection(SettingsReader settings)
    {
        if (settings.Text(ConnectionString) is { } text)
            return Checked(settings, ConnectionString, text);
        if (settings.Text(ConnectionStringFile) is not { } file)
            return null;
        try
        {
            return Checked(settings, ConnectionStringFile, File.ReadAllText(file).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            settings.Report(ConnectionStringFile, $"names {file}, which cannot be read");
            return null;
        }
    }

    /// <summary>What the text is, is never told: it holds a key.</summary>
    private static string? Checked(SettingsReader settings, Setting setting, string text)
    {
        if (QueueConnection.IsConnectionString(text))
            return text;
        settings.Report(setting, "is no connection string of a storage account with a queue service; copy it from the account's access keys");
        return null;
    }

    private static bool IsService(string text, out Uri? address) => Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "https";

    /// <summary>The rule of Azure Storage is 3 to 63; the poison queue's name is seven longer.</summary>
    [GeneratedRegex("^(?=.{3,56}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex QueueName();
}
