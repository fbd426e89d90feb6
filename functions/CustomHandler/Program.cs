using System.Net.Sockets;
using Heliograph.Cluster;
using Heliograph.Handler;
using Heliograph.Hosting;
using Microsoft.AspNetCore.Connections;

try
{
    await using var app = HandlerApp.Build();
    await app.RunAsync();
    return HandlerApp.StoppedByItself;
}
catch (Exception e) when (e is SettingsException or ClusterConfigurationException or IOException { InnerException: SocketException or AddressInUseException })
{
    await Console.Error.WriteLineAsync(e.Message);
    return HandlerApp.CannotStart;
}
