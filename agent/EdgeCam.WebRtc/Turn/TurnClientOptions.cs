using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Turn;

/// <summary>What a <see cref="TurnClient"/> is told.</summary>
/// <param name="Server">From where to where; over a stream the addresses only name the connection.</param>
/// <param name="IsStream">Over TCP or TLS: nothing is sent again, the connection does that.</param>
/// <param name="Lifetime">What is asked for; the server decides.</param>
/// <param name="MaxPeers">Transport addresses that datagrams go to. Above it one without a channel is forgotten, the least lately used first.</param>
public sealed record TurnClientOptions(
    NetworkPath Server,
    bool IsStream,
    string Username,
    string Password,
    RandomSource Random,
    TimeSpan? Lifetime = null,
    int MaxPeers = 1024)
{
    public override string ToString() => $"{Server.Remote} as {Username}"; // the password stays out of logs
}
