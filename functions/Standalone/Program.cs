using System.Net.Sockets;
using Heliograph.Cluster;
using Heliograph.Functions;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Heliograph.Standalone;
using Microsoft.AspNetCore.Connections;

try
{
    if (args is ["sweep", .. var settings])
        return await SweepOnce.RunAsync(settings);
    await using var app = FunctionsApp.Build(args, add: QueueFunction.Add);
    SystemAuthorities.LeaveOutUnless(FunctionsApp.NeedsSystemAuthorities(app.Services) || app.Services.GetService<QueueFunction>() is not null);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is SettingsException or ClusterConfigurationException or IOException { InnerException: SocketException or AddressInUseException })
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
