namespace EdgeCam.WebRtc.Congestion;

/// <summary>What congestion control of one viewer does, at one moment.</summary>
/// <param name="TargetBitrate">The estimate in bits per second.</param>
/// <param name="ProbesStarted">Clusters of packets sent at a higher rate.</param>
/// <param name="ProbesSucceeded">Those that raised the estimate.</param>
/// <param name="PaddingBytes">Sent for probes only: packets that the viewer has already.</param>
/// <param name="Decreases">How often the estimate had to go down.</param>
public readonly record struct CongestionStatistics(
    long TargetBitrate, double Loss, TimeSpan RoundTripTime, TimeSpan QueueingDelay, long ProbesStarted, long ProbesSucceeded, long PaddingBytes, long Decreases);
