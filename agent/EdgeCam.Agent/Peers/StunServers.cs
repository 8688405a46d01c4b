using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>The addresses of the configured STUN servers, looked up now and again so that an offer never waits for a name.</summary>
internal sealed class StunServers(IReadOnlyList<string> servers, ILogger<StunServers> log)
{
    private const int DefaultPort = 3478; // RFC 8489 §18.6

    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    private volatile IReadOnlyList<TransportAddress> _addresses = [];

    /// <summary>As last found; none before the first look-up.</summary>
    public IReadOnlyList<TransportAddress> Addresses => _addresses;

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[IPv6]</c> or <c>[IPv6]:port</c>.</summary>
    public static bool TryParse(string server, out string host, out int port)
    {
        (host, port) = (server, DefaultPort);
        var colon = server.LastIndexOf(':');
        if (colon > server.LastIndexOf(']') && !(server.IndexOf(':') < colon && server[0] != '['))
        {
            host = server[..colon];
            if (!int.TryParse(server[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)
                return false;
        }

        host = host.Trim('[', ']');
        return Uri.CheckHostName(host) != UriHostNameType.Unknown;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var complete = await ResolveAsync(stop);
            var pause = servers.Count == 0 ? Timeout.InfiniteTimeSpan : complete ? s_lifetime : s_retry;
            await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ResolveAsync(CancellationToken stop)
    {
        var found = new List<TransportAddress>();
        var complete = true;
        foreach (var server in servers)
        {
            _ = TryParse(server, out var host, out var port);
            try
            {
                foreach (var address in await Dns.GetHostAddressesAsync(host, stop))
                    found.Add(TransportAddress.From(address, port));
            }
            catch (SocketException failure)
            {
                complete = false;
                log.StunServerUnknown(server, failure.Message);
            }
            catch (OperationCanceledException)
            {
                return false; // stopped
            }
        }

        if (complete || found.Count > 0)
            _addresses = found;
        return complete;
    }
}
