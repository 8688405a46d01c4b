namespace EdgeCam.WebRtc.Sctp;

/// <summary>What one SACK changed.</summary>
/// <param name="AckedBytes">Newly acknowledged, gap ack blocks included.</param>
/// <param name="CumulativeAdvanced">The cumulative TSN ack point moved.</param>
/// <param name="FastRetransmit">A chunk was reported missing for the third time.</param>
/// <param name="RoundTrip">Measured on a chunk that was sent once, or null.</param>
internal readonly record struct SackResult(int AckedBytes, bool CumulativeAdvanced, bool FastRetransmit, TimeSpan? RoundTrip);
