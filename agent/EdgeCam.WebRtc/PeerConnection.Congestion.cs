using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc;

/// <summary>How much may be sent: congestion control between the video sender and the path.</summary>
public sealed partial class PeerConnection
{
    private const double RepairShare = 0.4; // of the estimate, however slow: the pictures need the rest

    private static readonly TimeSpan s_shortQueue = TimeSpan.FromMilliseconds(20);

    private readonly PlayoutPolicy _playout = new();

    /// <summary>What the path to this viewer carries.</summary>
    public LinkEstimate Estimate => _congestion.Estimate;

    public CongestionStatistics Congestion => _congestion.Statistics;

    /// <summary>What was sent of the video, and what the viewer's reports say of it.</summary>
    public VideoSenderStatistics Video => _video?.Statistics ?? default;

    /// <summary>Where datagrams to the viewer go; null while there is no path.</summary>
    public NetworkPath? SelectedPath => _ice.SelectedPath;

    /// <summary>The most that this viewer could use, in bits per second, repairs included: probing goes little beyond.</summary>
    public void SetWantedBitrate(long bitsPerSecond) => _congestion.SetWanted(bitsPerSecond);

    /// <summary>Whether so many bytes more arrive within the 250 ms, or somewhat more on a slow path, that something may wait; what waits already counts.</summary>
    public bool CanCarry(long bytes) => _video is not null && _congestion.CanCarry(bytes, _video.PendingBytes);

    /// <summary>Bytes of pictures that wait to be sent.</summary>
    internal int PendingBytes => _video?.PendingBytes ?? 0;

    private static FeedbackKind KindOf(NegotiatedVideo? video) =>
        video is { TransportCc: true, TransportSequenceExtension: not 0 } ? FeedbackKind.Transport
        : video is { Remb: true } ? FeedbackKind.MaximumBitrate
        : FeedbackKind.Reports;

    /// <summary>Begins, or begins anew where the viewer is now reached by another path.</summary>
    private void FollowPath(Instant now)
    {
        if (!IsConnected || _ice.SelectedPath is not { } path || path == _paced)
            return;
        var remembered = _remembered?.Invoke(path.Remote) ?? default;
        var isLocal = path.IsWithinHost || path.Local.IsOnLinkWith(path.Remote);
        var roundTrip = path.IsWithinHost ? null : _ice.RoundTripTime; // where this machine is busy, its own delay is none of the path's
        if (_paced is null)
            _congestion.Start(remembered, isLocal, roundTrip, now);
        else
            _congestion.HandlePathChange(remembered, isLocal, roundTrip, now);
        _paced = path;
        LimitVideo(now);
    }

    private void LimitVideo(Instant now)
    {
        var estimate = _congestion.Estimate;
        _playout.Update(estimate.Loss, estimate.RoundTripTime, now);
        _video?.SetPlayoutDelay(new(_playout.Delay, _playout.Delay * 2));
        _video?.SetLimits(
            _congestion.QueueLimit,
            (long)(estimate.Bitrate / 8 * RepairShare),
            repeatRepairs: estimate.QueueingDelay < s_shortQueue && PlayoutPolicy.IsLossyAndLong(estimate.Loss, estimate.RoundTripTime)); // what a full queue dropped needs less, not more
    }

    /// <summary>Retransmissions and frames as far as the pacer lets them, and what a probe needs beyond.</summary>
    private bool TryTransmitVideo(Span<byte> buffer, NetworkPath path, int headroom, Instant now, out Transmit transmit)
    {
        transmit = default;
        _isPaced = false;
        if (!IsConnected || _video is null)
            return false;
        var isPending = _video.HasPending;
        if (!isPending && !_congestion.WantsPadding)
            return false;
        var budget = Math.Min(_congestion.Available(now), buffer.Length);
        if (budget == 0)
        {
            _isPaced = true;
            return false;
        }

        var isPadding = false;
        if (!_video.TryTransmit(buffer[..budget], now, _protector!, out var length, out var segmentSize, headroom))
        {
            isPadding = _congestion.WantsPadding && _video.TryTransmitPadding(buffer[..budget], now, _protector!, out length, out segmentSize, headroom);
            if (!isPadding)
                return false;
        }

        _congestion.Spend(length, isPadding, now);
        transmit = new(path, length, segmentSize, headroom);
        return true;
    }
}
