using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>One way in which an offer of ours describes the stream: an H.264 payload and its retransmissions (RFC 6184 §8.2, RFC 4588 §8.6).</summary>
/// <param name="RtxPayloadType">That of the retransmissions of <paramref name="PayloadType"/>.</param>
internal readonly record struct OfferedVideo(byte PayloadType, byte RtxPayloadType, ProfileLevelId ProfileLevelId)
{
    /// <summary>The only section's; it stands in each packet, too.</summary>
    public const string Mid = "0";

    private const byte FirstPayloadType = 96; // RFC 3551 §6: dynamic from here

    /// <summary>The ids that an offer of ours gives to header extensions (RFC 8285 §4.2).</summary>
    public static IReadOnlyList<(byte Id, string Uri)> Extensions { get; } =
        [(1, HeaderExtension.Mid), (2, HeaderExtension.AbsSendTime), (3, HeaderExtension.TransportSequence), (4, HeaderExtension.AbsCaptureTime)];

    /// <summary>
    /// What the encoder says first, then the same profile as browsers write it, where that is another: many servers compare the first four
    /// digits as text, and an encoder that sets other constraint flags would be declined for a profile that they know.
    /// </summary>
    public static IReadOnlyList<OfferedVideo> Of(ProfileLevelId stream)
    {
        var usual = H264Parameters.ProfileOf(stream) switch
        {
            H264Profile.ConstrainedBaseline => stream with { ProfileIdc = 66, Constraints = 0xE0 },
            H264Profile.Baseline => stream with { Constraints = 0 },
            H264Profile.Main => stream with { Constraints = 0 },
            H264Profile.High => stream with { Constraints = 0 },
            H264Profile.ConstrainedHigh => stream with { Constraints = 0x0C },
            _ => stream,
        };
        if (stream is { ProfileIdc: 66, LevelIdc: 11 } && (stream.Constraints & 0x10) != 0)
            usual = stream; // level 1b is told by a flag, RFC 6184 §8.1
        return usual == stream ? [At(0, stream)] : [At(0, stream), At(2, usual)];
    }

    private static OfferedVideo At(int place, ProfileLevelId id) => new((byte)(FirstPayloadType + place), (byte)(FirstPayloadType + place + 1), id);
}
