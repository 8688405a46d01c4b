namespace EdgeCam.Agent.Diagnostics;

/// <summary>A viewer, and how its network does, at one moment. Counters are since its connection was made.</summary>
/// <param name="Key">The session that its signaling chose: not to be told to others, since a session's name may be what ends it.</param>
/// <param name="Stream"><c>main</c> or <c>substream</c>.</param>
/// <param name="Path"><c>local</c> (this machine or link), <c>direct</c>, <c>relay</c>, or <c>none</c> while it connects.</param>
/// <param name="Address">Where datagrams to it go; null while there is no path.</param>
/// <param name="RoundTrip">Zero where it is not known.</param>
/// <param name="Loss">Of the last seconds, 0 to 1.</param>
/// <param name="Estimate">What the path carries, bits per second.</param>
/// <param name="QueueingDelay">What stands in queues on the way.</param>
/// <param name="BytesSent">RTP payload of video, retransmissions among it.</param>
/// <param name="PacketsSent">Of the video stream, without retransmissions.</param>
/// <param name="FramesDropped">Pictures not sent: the viewer was too slow.</param>
/// <param name="Output">Set where it is no viewer, but a server that the stream is published to: the output's name.</param>
internal sealed record ViewerReport(
    string Key,
    string Camera,
    string Stream,
    string Path,
    string? Address,
    TimeSpan RoundTrip,
    double Loss,
    long Estimate,
    TimeSpan QueueingDelay,
    long BytesSent,
    long PacketsSent,
    long PacketsRetransmitted,
    long FramesSent,
    long FramesDropped,
    string? Output = null);
