using System.Net;
using System.Net.Sockets;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>
/// Names that end in <c>.local</c> (multicast DNS, RFC 6762 §3): a service of the system looks them up, which is asked over a socket that a
/// confined program does not have. So the agent asks.
/// </summary>
internal static class LocalName
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public static bool Is(string host) => host.TrimEnd('.').EndsWith(".local", StringComparison.OrdinalIgnoreCase);

    /// <summary>Waits three seconds at most.</summary>
    /// <returns>IPv4 before IPv6; null where the name is not known now.</returns>
    public static IPAddress? Find(string host)
    {
        try
        {
            var addresses = Dns.GetHostAddressesAsync(host).WaitAsync(s_patience).GetAwaiter().GetResult();
            return addresses.FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault(static address => !address.IsIPv6LinkLocal);
        }
        catch (Exception failure) when (failure is SocketException or TimeoutException or ArgumentException)
        {
            return null;
        }
    }
}
