namespace EdgeCam.WebRtc.Primitives;

/// <summary>A synchronization source identifier (RFC 3550 §3).</summary>
public readonly record struct Ssrc(uint Value);
