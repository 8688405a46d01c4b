using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>What outputs ask of the loop; from any thread.</summary>
internal sealed partial class PeerLoop
{
    /// <summary>An offer of ours to send the stream; null with the reason where there can be none now.</summary>
    public async Task<(PeerOffer? Offer, OfferResult Result)> MakeOfferAsync(string key, LiveStream stream)
    {
        PeerOffer? offer = null;
        var result = await AskAsync((viewers, now) => viewers.MakeOffer(key, stream, now, out offer));
        return (offer, result);
    }

    /// <summary>Connects to who answered the offer, or says why not.</summary>
    public Task<OfferResult> ConnectAsync(string key, string output, LiveStream stream, PeerOffer offer, string answer, IViewerObserver observer) =>
        AskAsync((viewers, now) => viewers.TakeAnswer(key, output, stream, offer, answer, observer, now));

    /// <summary>Begins an ICE restart of ours: the answer is the fragment for the server.</summary>
    public Task<OfferResult> BeginRestartAsync(string key) => AskAsync((viewers, now) => viewers.BeginRestart(key, now));

    public Task<OfferResult> TakeRestartAsync(string key, string fragment) => AskAsync((viewers, now) => viewers.TakeRestart(key, fragment, now));

    private Task<OfferResult> AskAsync(Func<ViewerSet, Instant, OfferResult> work)
    {
        var order = new LoopOrder.Output(work, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_inbox.TryPost(order))
            order.Result.TrySetResult(LoopInbox.Busy);
        return order.Result.Task;
    }
}
