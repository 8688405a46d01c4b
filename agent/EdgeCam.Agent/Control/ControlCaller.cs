using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Control;

/// <summary>Who asks.</summary>
/// <param name="Id">The viewer's session, or the operator's name at the broker: the same for all requests of one caller.</param>
/// <param name="Access">What it may do now.</param>
/// <param name="Camera">What that viewer watches; null for an operator.</param>
/// <param name="TimestampAt">The RTP timestamp that a picture captured at a moment has in that viewer's stream; null, or giving null, where there is none.</param>
/// <param name="Session">That viewer's session; null for an operator.</param>
internal sealed record ControlCaller(
    string Id, AccessGrant Access, CallerOrigin Origin = CallerOrigin.Control, string? Camera = null, Func<Instant, RtpTimestamp?>? TimestampAt = null, IControlSession? Session = null);
