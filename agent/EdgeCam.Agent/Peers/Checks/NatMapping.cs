using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Checks;

/// <summary>How a NAT maps one socket as seen by several servers (RFC 4787 §4.1), in words.</summary>
internal static class NatMapping
{
    private const string Symmetric =
        "(\"symmetric\"): direct paths fail with many viewers; forward the media port (peers.advertise) or name TURN servers";

    /// <param name="local">The socket's own port, and the address that its datagrams leave by.</param>
    public static string Describe(TransportAddress local, IEnumerable<StunAnswer> answers)
    {
        var known = answers.Where(answer => answer.HasAnswered).DistinctBy(answer => answer.Server).ToArray();
        if (known.Length == 0)
            return "unknown: no server answered over UDP";
        if (known.All(answer => answer.Mapped == local))
            return "none: this device has the address that the Internet sees";

        var hosts = known.GroupBy(answer => answer.Server.WithPort(0)).ToArray();
        if (hosts.Any(host => Differ(host)))
            return $"address- and port-dependent {Symmetric}";
        if (hosts.Length == 1) // also where it answered on two ports: the NAT may still tell addresses apart
            return "unknown: only one address answered, and a NAT may map another one differently; name a second STUN server on another host in peers.stunServers";
        if (!Differ(known))
            return "endpoint-independent: direct paths work with most viewers";
        return $"address-dependent{(hosts.Any(host => host.Count() > 1) ? "" : ", perhaps port-dependent too")} {Symmetric}";
    }

    private static bool Differ(IEnumerable<StunAnswer> answers) => answers.Select(answer => answer.Mapped).Distinct().Skip(1).Any();
}
