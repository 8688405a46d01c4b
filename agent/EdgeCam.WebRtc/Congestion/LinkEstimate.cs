namespace EdgeCam.WebRtc.Congestion;

/// <summary>What the path to one viewer carries, as far as is known.</summary>
/// <param name="Bitrate">Bits per second for all that is sent to this viewer: video, retransmissions, probes, with RTP headers.</param>
/// <param name="IsMeasured">False while it is only what the connection began with.</param>
/// <param name="RoundTripTime">Zero where it is not known.</param>
/// <param name="Loss">Of the last seconds, 0 to 1.</param>
/// <param name="QueueingDelay">What stands in queues on the way, beyond the shortest delay that was seen.</param>
/// <param name="IsSilent">Nothing is heard from the viewer: the bitrate falls for that, and says nothing of the path.</param>
public readonly record struct LinkEstimate(long Bitrate, bool IsMeasured, TimeSpan RoundTripTime, double Loss, TimeSpan QueueingDelay, bool IsSilent = false);
