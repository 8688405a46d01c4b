using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;

namespace EdgeCam.Agent;

/// <summary>Outputs as peers of the loop that serves the viewers.</summary>
/// <param name="stream">The stream of the camera of that name.</param>
internal sealed class OutputPeers(PeerLoop loop, Func<string, LiveStream?> stream) : IOutputPeers
{
    private static readonly TimeSpan s_relayPatience = TimeSpan.FromSeconds(1.5);

    public async Task<(PeerOffer? Offer, string Problem)> OfferAsync(string output, string camera, CancellationToken stop)
    {
        if (stream(camera) is not { } live)
            return (null, $"there is no camera {camera}");
        await loop.WaitForRelayAsync(s_relayPatience, stop); // not each server takes candidates later
        var (offer, result) = await loop.MakeOfferAsync(Key(output), live);
        return (offer, result.Message);
    }

    public async Task<string?> ConnectAsync(string output, string camera, PeerOffer offer, string answer, IOutputObserver observer)
    {
        if (stream(camera) is not { } live)
            return $"there is no camera {camera}";
        var result = await loop.ConnectAsync(Key(output), output, live, offer, answer, new Observer(observer));
        return result.Answer is null ? result.Message : null;
    }

    public async Task<string?> BeginRestartAsync(string output) => (await loop.BeginRestartAsync(Key(output))).Answer;

    public async Task<bool> FinishRestartAsync(string output, string fragment) => (await loop.TakeRestartAsync(Key(output), fragment)).Answer is not null;

    public async Task<bool> HasPathAsync(string output) => (await loop.DescribeAsync()).Any(peer => peer.Output == output && peer.Address is not null);

    public void Close(string output) => loop.Close(Key(output));

    /// <summary>No viewer's session has a space in its name.</summary>
    private static string Key(string output) => $"output {output}";

    private sealed class Observer(IOutputObserver observer) : IViewerObserver
    {
        public void OnCandidate(string candidate) => observer.OnCandidate(candidate);

        public void OnConnected(string path, string protection) => observer.OnConnected(path, protection);

        public void OnRestart(string reason) => observer.OnRestart();

        public void OnClosed(CloseReason reason, string detail) => observer.OnClosed(reason, detail);
    }
}
