using System.Net.NetworkInformation;

namespace EdgeCam.Agent.Management;

/// <summary>The device's addresses, for those who look for it: of interfaces that are up, without loopback and what is good on one link only.</summary>
/// <remarks>Bound: 16 of them, looked up once in 30 seconds.</remarks>
internal sealed class OwnAddresses(TimeProvider time)
{
    private const int Most = 16;

    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(30);

    private IReadOnlyList<string> _known = [];
    private long? _readAt;

    /// <summary>By one thread at a time.</summary>
    public IReadOnlyList<string> Read()
    {
        if (_readAt is { } at && time.GetElapsedTime(at) < s_fresh)
            return _known;
        _readAt = time.GetTimestamp();
        try
        {
            _known =
            [
                .. NetworkInterface.GetAllNetworkInterfaces().Where(static link => link is { OperationalStatus: OperationalStatus.Up, NetworkInterfaceType: not NetworkInterfaceType.Loopback })
                    .SelectMany(static link => link.GetIPProperties().UnicastAddresses).Select(static unicast => unicast.Address)
                    .Where(static address => !address.IsIPv6LinkLocal).Select(static address => address.ToString()).Order(StringComparer.Ordinal).Take(Most),
            ];
        }
        catch (NetworkInformationException)
        {
            // An interface that goes just now: what was known stays until the next look.
        }

        return _known;
    }
}
