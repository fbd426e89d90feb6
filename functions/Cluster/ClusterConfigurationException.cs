namespace Heliograph.Cluster;

/// <summary>
/// The settings do not lead to an API server. The message is a sentence for the person who made them: it names the file or setting,
/// what is wrong and what to do, and holds no credentials.
/// </summary>
public sealed class ClusterConfigurationException(string message) : Exception(message);
