using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Outputs: servers to which we offer a stream. Once it is answered, an output is a peer as each viewer is: same port, pacing, congestion control and
/// share in the encoder's bitrate. It takes no viewer's place.
/// </summary>
internal sealed partial class ViewerSet
{
    private static readonly OfferResult s_fault = new(null, 503, "a fault of the device; its log has it");
    private static readonly OfferResult s_gone = new(null, 409, "the connection is over");

    private int _outputs;

    private int ViewerCount => _viewers.Count - _outputs;

    public OfferResult MakeOffer(string output, LiveStream stream, Instant now, out PeerOffer? offer)
    {
        offer = null;
        if (stream.Info is not { } info)
            return new(null, 480, NoPicture(stream));
        try
        {
            offer = PeerConnection.CreateOffer(ConnectionOptions(stream, info.Profile, now), now);
            return new(offer.Sdp);
        }
        catch (Exception fault) when (IsFault(output, fault))
        {
            return s_fault;
        }
    }

    /// <summary>The server has answered: the connection begins. What the output had before ends.</summary>
    public OfferResult TakeAnswer(string key, string output, LiveStream stream, PeerOffer offer, string answer, IViewerObserver observer, Instant now)
    {
        PeerConnection? peer;
        try
        {
            if (!PeerConnection.TryConnect(offer, answer, now, out peer, out var error))
                return new(null, error.Code, error.Message);
        }
        catch (Exception fault) when (IsFault(key, fault))
        {
            return s_fault;
        }

        if (_viewers.TryGetValue(key, out var previous))
            Replace(previous, "replaced by another connection");
        var viewer = new Viewer(key, peer, stream, observer, now) { Output = output };
        Add(viewer);
        if (!options.IsRelayOnly)
            Guard(viewer, (offer.HostAddresses, _hosts, now), static (target, then) => CatchUp(target.Peer, then.HostAddresses, then._hosts, then.now));
        return new(answer);
    }

    /// <summary>Begins an ICE restart of ours, and answers with the fragment for the server.</summary>
    public OfferResult BeginRestart(string key, Instant now) =>
        _viewers.TryGetValue(key, out var viewer) && Restart(viewer, static peer => peer.TryBeginRestart(out var fragment) ? fragment : null, now) is { } result ? result : s_gone;

    public OfferResult TakeRestart(string key, string fragment, Instant now)
    {
        var result = s_gone;
        if (_viewers.TryGetValue(key, out var viewer))
        {
            Guard(viewer, (fragment, now), (target, answer) =>
            {
                if (target.Peer.TryTakeRestart(answer.fragment, answer.now))
                    result = new(answer.fragment);
            });
        }

        return result;
    }

    /// <summary>The device's addresses may have changed while the server answered.</summary>
    private static void CatchUp(PeerConnection peer, IReadOnlyList<TransportAddress> offered, IReadOnlyList<TransportAddress> hosts, Instant now)
    {
        foreach (var address in hosts.Except(offered))
            peer.AddLocalAddress(new(address), now);
        foreach (var address in offered.Except(hosts))
            peer.RemoveLocalAddress(address, now);
    }

    private static string NoPicture(LiveStream stream) => $"camera {stream.Name} has no picture yet: {(stream.Detail.Length > 0 ? stream.Detail : "it is starting")}";

    private void CountViewers(Viewer changed, int by)
    {
        if (changed.Output is not null)
            _outputs += by;
        statistics.Viewers = ViewerCount;
    }
}
