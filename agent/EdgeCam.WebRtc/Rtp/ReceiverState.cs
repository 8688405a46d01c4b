using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>What the viewer's RTCP told about how our stream arrives.</summary>
internal sealed class ReceiverState(Ssrc source, NtpClock clock)
{
    private static readonly TimeSpan s_assumedRoundTrip = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestRoundTrip = TimeSpan.FromSeconds(10);

    private bool _hasRoundTrip;
    private byte? _lastFir;

    public long Reports { get; private set; }

    public double FractionLost { get; private set; }

    public long PacketsLost { get; private set; }

    public TimeSpan Jitter { get; private set; }

    public TimeSpan? RoundTripTime => _hasRoundTrip ? SmoothedRoundTripTime : null;

    /// <summary>For decisions: smoothed, and a guess before the first measurement.</summary>
    public TimeSpan SmoothedRoundTripTime { get; private set; } = s_assumedRoundTrip;

    public long EstimatedMaximumBitrate { get; set; }

    public long FeedbackPackets { get; private set; }

    public long FeedbackPacketsLost { get; private set; }

    public void HandleReport(ReceiverReport report, Instant now)
    {
        for (var i = 0; i < report.Count; i++)
        {
            var block = report[i];
            if (block.Source != source)
                continue; // the retransmission stream's, as a rule
            Reports++;
            FractionLost = block.FractionLost / 256.0;
            PacketsLost = block.PacketsLost;
            Jitter = TimeSpan.FromTicks(block.Jitter * TimeSpan.TicksPerSecond / RtpTimestamp.VideoClockRate);
            if (block.LastSenderReport != 0)
                MeasureRoundTrip(block, now);
        }
    }

    public void HandleFeedback(TransportFeedback feedback)
    {
        while (feedback.MoveNext())
        {
            FeedbackPackets++;
            FeedbackPacketsLost += feedback.IsReceived ? 0 : 1;
        }
    }

    /// <summary>True for a new command; the receiver repeats one with the same number until it is served (RFC 5104 §4.3.1.2).</summary>
    public bool IsNewCommand(byte number)
    {
        if (_lastFir == number)
            return false;
        _lastFir = number;
        return true;
    }

    private void MeasureRoundTrip(in ReportBlock block, Instant now)
    {
        // RFC 3550 §6.4.1, in 1/65536 s. A skewed clock may make it negative: then it is next to nothing.
        var units = (int)(clock.At(now).Middle - block.LastSenderReport - block.DelaySinceLastSenderReport);
        var sample = TimeSpan.FromTicks(Math.Max(units, 0) * TimeSpan.TicksPerSecond / 65536);
        if (sample > s_longestRoundTrip)
            return; // no report that we sent
        SmoothedRoundTripTime = _hasRoundTrip ? (SmoothedRoundTripTime * 0.75) + (sample * 0.25) : sample;
        _hasRoundTrip = true;
    }
}
