using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>How the video stream is sent. An extension id of 0 means that the extension is not sent.</summary>
/// <param name="Mid">Empty where the offer names none.</param>
/// <param name="RtxPayloadType">Null where retransmissions go out as plain copies (RFC 4588 was not offered).</param>
/// <param name="ProfileLevelId">As answered: the offered profile with the stream's level.</param>
/// <param name="Nack">Generic NACKs come and are answered.</param>
/// <param name="TransportCc">Feedback of transport-wide-cc-01 comes; the sequence extension is negotiated then.</param>
/// <param name="ReducedSizeRtcp">RFC 5506.</param>
public sealed record NegotiatedVideo(
    string Mid,
    byte PayloadType,
    byte? RtxPayloadType,
    ProfileLevelId ProfileLevelId,
    byte MidExtension,
    byte AbsSendTimeExtension,
    byte TransportSequenceExtension,
    byte PlayoutDelayExtension,
    byte AbsCaptureTimeExtension,
    bool Nack,
    bool Pli,
    bool Fir,
    bool TransportCc,
    bool Remb,
    bool ReducedSizeRtcp)
{
    /// <summary>The offered format that was taken.</summary>
    internal H264Parameters Offered { get; init; }

    /// <summary>Whether a stream of that profile and level may be sent in the format that was agreed on: another one than the answer was made for.</summary>
    public bool Takes(ProfileLevelId stream) => Offered.AllowsLevel(stream) && Offered.Distance(stream) is not null;
}
