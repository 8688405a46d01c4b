using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Publishing;

/// <summary>What an output needs from whoever makes peer connections. All of it may be called from any thread and must not wait long.</summary>
internal interface IOutputPeers
{
    /// <summary>An offer to send the camera's stream; without one where there is no picture yet.</summary>
    Task<(PeerOffer? Offer, string Problem)> OfferAsync(string output, string camera, CancellationToken stop);

    /// <summary>Connects to the server that answered.</summary>
    /// <returns>Null, or why not.</returns>
    Task<string?> ConnectAsync(string output, string camera, PeerOffer offer, string answer, IOutputObserver observer);

    /// <summary>Begins an ICE restart: what to tell the server, or null where the connection is over.</summary>
    Task<string?> BeginRestartAsync(string output);

    /// <summary>The server's part of that.</summary>
    Task<bool> FinishRestartAsync(string output, string fragment);

    /// <summary>Whether there is a way to the server just now.</summary>
    Task<bool> HasPathAsync(string output);

    void Close(string output);
}
