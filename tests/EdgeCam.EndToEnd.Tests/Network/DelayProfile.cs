namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>What a link adds to each packet, each way.</summary>
/// <param name="Jitter">At most so much more or less; the order is kept.</param>
internal sealed record DelayProfile(TimeSpan Delay, TimeSpan Jitter);
