using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>What offer and answer settled about one viewer's video stream.</summary>
/// <param name="Cname">At most 255 bytes of UTF-8, the same for all streams of one source (RFC 3550 §6.5.1).</param>
/// <param name="RtxPayloadType">Null where RTX was not negotiated: then a NACK is answered by the packet itself.</param>
/// <param name="Mid">The media description's identification; empty where there is none.</param>
/// <param name="Nack">Generic NACK was negotiated: what was sent is remembered.</param>
/// <param name="PlayoutDelay">Sent where the extension was negotiated; null leaves the delay to the viewer.</param>
/// <param name="MaxRetransmitBytesPerSecond">What one viewer's repairs may cost.</param>
public sealed record VideoSenderOptions(
    byte PayloadType,
    Ssrc Ssrc,
    string Cname,
    byte? RtxPayloadType = null,
    Ssrc RtxSsrc = default,
    RtpExtensionIds ExtensionIds = default,
    string Mid = "",
    bool Nack = true,
    PlayoutDelay? PlayoutDelay = null,
    int MaxRetransmitBytesPerSecond = 500_000);
