using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>What a dialer is asked: a server's address, and a connection to it where it is not reached by the media port.</summary>
/// <param name="Number">By which the answer is known.</param>
/// <param name="Redirect">Another server that this one named, or none.</param>
/// <param name="HasOwnSocket">Over UDP: by a socket of its own.</param>
/// <param name="AddressIndex">Which of the name's addresses comes first, modulo their number.</param>
internal sealed record RelayDial(long Number, TurnAddress Server, TransportAddress Redirect, bool HasOwnSocket, int AddressIndex);
