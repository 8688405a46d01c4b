using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Control;

/// <summary>Who asks.</summary>
/// <param name="Viewer">The viewer whose data channel it came through, or the operator's name at the broker.</param>
/// <param name="Camera">What that viewer watches; null for an operator.</param>
/// <param name="TimestampAt">The RTP timestamp that a picture captured at a moment has in that viewer's stream; null, or giving null, where there is none.</param>
/// <param name="Session">That viewer's session; null for an operator.</param>
internal sealed record ControlCaller(
    string Viewer, string? Camera = null, Func<Instant, RtpTimestamp?>? TimestampAt = null, IControlSession? Session = null);
