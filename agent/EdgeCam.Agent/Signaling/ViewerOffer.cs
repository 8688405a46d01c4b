using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <param name="Access">What its token allows.</param>
/// <param name="Camera">Null: the device's first.</param>
internal sealed record ViewerOffer(SessionKey Session, AccessGrant Access, string? Camera, string Sdp, IViewerSignals Signals);
