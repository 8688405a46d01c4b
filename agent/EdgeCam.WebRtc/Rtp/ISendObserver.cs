using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>Who learns what was sent and what the viewer says of it: congestion control, seen from the RTP side.</summary>
internal interface ISendObserver
{
    /// <summary>A packet left that has a transport-wide sequence number of its own.</summary>
    void HandleSent(SequenceNumber number, int size, Instant now);

    void HandleFeedback(TransportFeedback feedback, Instant now);

    /// <summary>A receiver report on the video stream.</summary>
    void HandleReport(in ReportBlock report, TimeSpan? roundTripTime, Instant now);

    /// <summary>REMB.</summary>
    void HandleMaximumBitrate(long bitsPerSecond, Instant now);
}
