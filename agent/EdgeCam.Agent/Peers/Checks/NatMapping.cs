using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Checks;

/// <summary>How a NAT maps one socket as seen by several servers (RFC 4787 §4.1), in words.</summary>
internal static class NatMapping
{
    /// <param name="local">The socket's own port, and the address that its datagrams leave by.</param>
    public static string Describe(TransportAddress local, IEnumerable<StunAnswer> answers)
    {
        var known = answers.Where(answer => answer.HasAnswered).DistinctBy(answer => answer.Server).ToArray();
        if (known.Length == 0)
            return "unknown: no server answered over UDP";
        if (known.All(answer => answer.Mapped == local))
            return "none: this device has the address that the Internet sees";
        if (known.Length == 1)
            return "unknown: needs two servers, or one on two ports, in peers.stunServers";
        if (known.All(answer => answer.Mapped == known[0].Mapped))
            return "endpoint-independent: direct paths work with most viewers";

        var onOneHost = known.GroupBy(answer => answer.Server.WithPort(0)).Any(host => host.Select(answer => answer.Mapped).Distinct().Count() > 1);
        return $"{(onOneHost ? "address- and port-dependent" : "address-dependent")} (\"symmetric\"): "
            + "direct paths fail with many viewers; forward the media port (peers.advertise) or name TURN servers";
    }
}
