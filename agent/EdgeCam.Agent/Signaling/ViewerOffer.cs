namespace EdgeCam.Agent.Signaling;

/// <param name="Camera">Null: the device's first.</param>
internal sealed record ViewerOffer(SessionKey Session, string? Camera, string Sdp, IViewerSignals Signals);
