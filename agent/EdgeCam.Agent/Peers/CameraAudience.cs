using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>The viewers of one camera: what all their networks together mean for its encoders.</summary>
/// <param name="estimate">What a viewer's network carries.</param>
internal sealed class CameraAudience(LiveStream stream, Func<PeerConnection, LinkEstimate> estimate)
{
    private const double Headroom = 1.2; // a constant bitrate is one on average only

    private BitrateLimits _limits = stream.Limits;
    private BitratePolicy _policy = new(stream.Limits);
    private readonly List<Viewer> _viewers = [];
    private readonly List<ViewerDemand> _demands = [];

    public List<Viewer> Viewers => _viewers;

    /// <summary>Takes a viewer; which stream it begins with then stands in its demand.</summary>
    public void Add(Viewer viewer)
    {
        viewer.Demand.Estimate = estimate(viewer.Peer).Bitrate;
        if (stream.HasLiveBitrate)
            _policy.Begin(viewer.Demand, _demands);
        _viewers.Add(viewer);
        _demands.Add(viewer.Demand);
        viewer.Peer.SetWantedBitrate(WantedEstimate);
    }

    /// <summary>Lets a viewer go. After the last one the encoders are at their best again: who comes next begins with that picture.</summary>
    public void Remove(Viewer viewer)
    {
        _viewers.Remove(viewer);
        _demands.Remove(viewer.Demand);
        if (_viewers.Count == 0 && stream.HasLiveBitrate)
            Set(stream.Limits.MostMain, stream.Limits.MostSubstream);
    }

    /// <summary>Reads each viewer's estimate and sets the encoders; who takes which stream then stands in its demand.</summary>
    public void Update(Instant now)
    {
        if (stream.Limits is var limits && limits != _limits)
        {
            (_limits, _policy) = (limits, new(limits));
            foreach (var demand in _demands)
                demand.TakesSubstream &= limits.HasSubstream;
        }

        foreach (var viewer in _viewers)
        {
            var link = estimate(viewer.Peer);
            (viewer.Demand.Estimate, viewer.Demand.IsMeasured) = (link.Bitrate, link.IsMeasured);
            viewer.Peer.SetWantedBitrate(WantedEstimate);
        }

        if (!stream.HasLiveBitrate)
            return;
        _policy.Update(_demands, now);
        Set(_policy.MainBitrate, _policy.SubstreamBitrate);
    }

    /// <summary>What a viewer could use at most. A camera that encodes by itself, or a file, may give more than was configured.</summary>
    private long WantedEstimate => stream.HasLiveBitrate ? _policy.WantedEstimate : Math.Max(_policy.WantedEstimate, (long)(stream.Bitrate * Headroom));

    private void Set(long main, long substream)
    {
        stream.SetBitrate(main);
        stream.Substream?.SetBitrate(substream);
    }
}
