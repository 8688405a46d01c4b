using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>The viewers of one camera, those included that wait for another one's first picture: what all their networks together mean for its encoders.</summary>
/// <param name="estimate">What a viewer's network carries.</param>
internal sealed class CameraAudience(LiveStream stream, Func<PeerConnection, LinkEstimate> estimate)
{
    private const double Headroom = 1.2; // a constant bitrate is one on average only
    private const double Room = 1.5; // above the camera's own bitrate: who has left the main stream must be seen to carry more than it
    private const double Steady = 0.25; // a measured bitrate that changes by less has not changed

    private BitrateLimits _limits = stream.Limits;
    private BitratePolicy _policy = new(stream.Limits);
    private long _measured; // of a main stream that follows nobody
    private readonly List<Viewer> _viewers = [];
    private readonly List<ViewerDemand> _demands = [];

    public List<Viewer> Viewers => _viewers;

    /// <summary>Takes a viewer that watches this camera; which stream it begins with then stands in its demand.</summary>
    public void Add(Viewer viewer)
    {
        viewer.Demand.Estimate = estimate(viewer.Peer).Bitrate;
        Follow();
        if (stream.HasLiveBitrate || stream.Substream is not null)
            _policy.Begin(viewer.Demand, _demands);
        _viewers.Add(viewer);
        _demands.Add(viewer.Demand);
        viewer.Peer.SetWantedBitrate(WantedEstimate);
    }

    /// <summary>Lets a viewer go. After the last one the encoders are at their best again: who comes next begins with that picture.</summary>
    public void Remove(Viewer viewer, ViewerDemand demand)
    {
        _viewers.Remove(viewer);
        _demands.Remove(demand);
        if (_viewers.Count == 0 && stream.HasLiveBitrate)
            Set(stream.Limits.MostMain, stream.Limits.MostSubstream);
    }

    /// <summary>Reads each viewer's estimate and sets the encoders; who takes which stream then stands in its demand.</summary>
    public void Update(Instant now)
    {
        Follow();
        for (var i = 0; i < _viewers.Count; i++)
        {
            var link = estimate(_viewers[i].Peer);
            (_demands[i].Estimate, _demands[i].IsMeasured) = (link.Bitrate, link.IsMeasured);
            if (_viewers[i].Stream == stream)
                _viewers[i].Peer.SetWantedBitrate(WantedEstimate);
        }

        if (!stream.HasLiveBitrate && stream.Substream is null)
            return;
        _policy.Update(_demands, now);
        if (stream.HasLiveBitrate)
            Set(_policy.MainBitrate, _policy.SubstreamBitrate);
    }

    /// <summary>What a viewer could use at most. A camera that encodes by itself, or a file, may give more than was configured.</summary>
    private long WantedEstimate => stream.HasLiveBitrate ? _policy.WantedEstimate : Math.Max(_policy.WantedEstimate, (long)(stream.Bitrate * Headroom));

    /// <summary>
    /// Takes the limits as they are now. Of a camera that gives two streams as they are, the main one's bitrate is what it measures. One that is
    /// away leaves all as it was: it comes back as it is known.
    /// </summary>
    private void Follow()
    {
        if (!stream.IsLive)
            return;
        var limits = stream.Limits;
        if (!stream.HasLiveBitrate && limits.HasSubstream)
        {
            var bitrate = stream.Bitrate > 0 ? stream.Bitrate : limits.MostMain;
            if (Math.Abs(bitrate - _measured) < Steady * bitrate)
                return;
            _measured = bitrate;
            limits = new((long)(bitrate * Room), bitrate, limits.MostSubstream);
        }

        if (limits == _limits)
            return;
        (_limits, _policy) = (limits, new(limits));
        foreach (var demand in _demands)
            demand.TakesSubstream = limits.HasSubstream && (demand.TakesSubstream || demand.Choice == StreamChoice.Substream);
    }

    private void Set(long main, long substream)
    {
        stream.SetBitrate(main);
        stream.Substream?.SetBitrate(substream);
    }
}
