using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>What is wrong with a TURN server, and what the operator can do: for the log, and for <c>edgecam check --network</c>.</summary>
internal static class RelayWords
{
    public static string NameUnknown(string host, string reason) => $"{host} was not found ({reason}): check the name in peers.turnServers and the name server";

    public static string NotReached(TurnAddress server, string reason) =>
        $"no connection by {Name(server.Transport)} ({reason}): check host and port in peers.turnServers, and that no firewall is in between";

    public static string NotTrusted(TurnAddress server, string reason) => $"no TLS with {server.Host}: {reason}";

    public static string CaFileUnreadable(string reason) => $"peers.turnCaFile cannot be read ({reason}): check that it is there, holds certificates in PEM, and may be read by the agent's user";

    public static string NotDialed(TurnAddress server, Exception failure) =>
        $"no connection by {Name(server.Transport)} ({failure.GetType().Name}: {failure.Message}): check its url in peers.turnServers";

    /// <param name="wasAllocated">Whether it worked before.</param>
    public static string Failure(TurnServer server, TurnEvent.Failed failed, bool wasAllocated) => failed.Reason switch
    {
        TurnFailure.NoAnswer when wasAllocated => "it no longer answers: it was stopped, or the network on the way to it is down",
        TurnFailure.NoAnswer when server.Address.Transport == TurnTransport.Udp =>
            "no answer over UDP: check host and port; where a firewall drops UDP, name the server with ?transport=tcp or turns: too",
        TurnFailure.NoAnswer => "it took the connection but does not answer: check that a TURN server listens on that port",
        TurnFailure.Unauthorized when server.HasTimeLimitedCredentials =>
            $"it refuses the minted credentials ({failed.Code}): check that secretFile holds the server's secret (coturn: static-auth-secret) and that both clocks are right",
        TurnFailure.Unauthorized => $"it refuses user name or password ({failed.Code}): check username and passwordFile",
        TurnFailure.Forbidden => "it does not allow this device to relay (403): see the server's configuration",
        TurnFailure.AllocationMismatch when wasAllocated => "it has forgotten the allocation (437): it was started anew",
        TurnFailure.AllocationMismatch => "it still holds a former allocation of this port (437): another port is tried",
        TurnFailure.QuotaReached => "the user has all allocations that the server allows (486): raise its quota (coturn: user-quota, total-quota)",
        TurnFailure.InsufficientCapacity => "it has no port or room left (508): see its port range and limits",
        TurnFailure.UnsupportedTransport => "it does not relay UDP (442): see the server's configuration",
        TurnFailure.Redirected => "it names another server (300)",
        TurnFailure.Expired => "the allocation ended because it could not be refreshed",
        _ => failed.Code == 0 ? "its answer makes no sense: is it a TURN server?" : $"it refuses with error {failed.Code}",
    };

    private static string Name(TurnTransport transport) => transport switch
    {
        TurnTransport.Udp => "UDP",
        TurnTransport.Tcp => "TCP",
        _ => "TLS",
    };
}
