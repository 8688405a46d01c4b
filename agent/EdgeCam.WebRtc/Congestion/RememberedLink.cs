namespace EdgeCam.WebRtc.Congestion;

/// <summary>What an earlier connection to the same address carried; the default value: nothing is known.</summary>
/// <param name="Bitrate">Bits per second.</param>
/// <param name="IsLimit">More did not pass. Otherwise more was not asked for, and the path may carry any rate above.</param>
public readonly record struct RememberedLink(long Bitrate, bool IsLimit = false);
