namespace EdgeCam.WebRtc.Sdp;

/// <summary>How one section of the offer is answered.</summary>
internal enum SectionAnswer
{
    /// <summary>Port 0 (RFC 3264 §6).</summary>
    Rejected,

    /// <summary>Kept open without media, because it carries the transport that the bundled sections share.</summary>
    Inactive,

    Video,
    DataChannel,
}
