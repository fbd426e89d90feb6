namespace Heliograph.Hosting;

/// <summary>An address to which secrets may be sent: https, or http on this machine, where only a test's own server is.</summary>
public static class SafeAddress
{
    /// <summary>Reads an address; false where it is none, or not a safe one.</summary>
    public static bool TryParse(string text, out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && (address.Scheme is "https" || (address.Scheme is "http" && address.IsLoopback));
}
