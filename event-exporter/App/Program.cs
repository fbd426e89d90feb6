using System.Net.Sockets;
using Heliograph.Cluster;
using Heliograph.Exporter;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;
using Microsoft.AspNetCore.Connections;

try
{
    await using var app = ExporterApp.Build(args);
    SystemAuthorities.LeaveOutUnless(ExporterApp.NeedsSystemAuthorities(app.Services));
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception e) when (e is SettingsException or ClusterConfigurationException or IOException { InnerException: SocketException or AddressInUseException })
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
