using System.Net.Sockets;
using Heliograph.Cluster;
using Heliograph.Functions;
using Heliograph.Handler;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Microsoft.AspNetCore.Connections;

try
{
    await using var app = HandlerApp.Build();
    SystemAuthorities.LeaveOutUnless(FunctionsApp.NeedsSystemAuthorities(app.Services));
    await app.RunAsync();
    return HandlerApp.StoppedByItself;
}
catch (Exception e) when (e is SettingsException or ClusterConfigurationException or IOException { InnerException: SocketException or AddressInUseException })
{
    await Console.Error.WriteLineAsync(e.Message);
    return HandlerApp.CannotStart;
}
