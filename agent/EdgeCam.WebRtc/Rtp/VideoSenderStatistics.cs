namespace EdgeCam.WebRtc.Rtp;

/// <summary>Counters of one viewer's stream at one moment. Bytes are RTP payload, headers left out.</summary>
/// <param name="PacketsSent">Of the video stream, its retransmissions left out.</param>
/// <param name="FramesDropped">Not sent at all: the viewer was too slow, or had no IDR picture yet.</param>
/// <param name="NackedPackets">Sequence numbers that the viewer asked for again, repetitions included.</param>
/// <param name="RetransmissionsSuppressed">Asked for again within a round trip.</param>
/// <param name="RetransmissionsDropped">Beyond the queue's or the budget's bound.</param>
/// <param name="RetransmissionsUnknown">Asked for after they had left the history.</param>
/// <param name="FractionLost">Of the last report interval, 0 to 1.</param>
/// <param name="Jitter">Interarrival jitter as the viewer sees it.</param>
/// <param name="RoundTripTime">The last one measured; null before the first.</param>
/// <param name="EstimatedMaximumBitrate">REMB, bits per second; 0 where none came.</param>
/// <param name="FeedbackPacketsLost">Packets that transport-wide feedback reports as not received.</param>
/// <param name="RtcpDiscarded">RTCP that was malformed or spoke of a stream that is not ours.</param>
public readonly record struct VideoSenderStatistics(
    long FramesSent,
    long FramesDropped,
    long PacketsSent,
    long BytesSent,
    long PacketsRetransmitted,
    long BytesRetransmitted,
    long NackedPackets,
    long RetransmissionsSuppressed,
    long RetransmissionsDropped,
    long RetransmissionsUnknown,
    long PictureLossIndications,
    long FullIntraRequests,
    long ReceiverReports,
    double FractionLost,
    long PacketsLost,
    TimeSpan Jitter,
    TimeSpan? RoundTripTime,
    long EstimatedMaximumBitrate,
    long FeedbackPackets,
    long FeedbackPacketsLost,
    long RtcpDiscarded);
