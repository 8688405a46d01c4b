using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>The format parameters of an offered H.264 payload, and whether our stream fits it (RFC 6184 §8.2.2, RFC 7742 §6.2).</summary>
internal readonly record struct H264Parameters(ProfileLevelId ProfileLevelId, int PacketizationMode, bool AllowsLevelAsymmetry)
{
    public H264Profile Profile => ProfileOf(ProfileLevelId);

    public static bool TryParse(PayloadFormat payload, out H264Parameters parameters)
    {
        parameters = default;
        var profile = new ProfileLevelId(66, 0, 10); // RFC 6184 §8.1: absent means Baseline, level 1
        var profileText = payload.Parameter("profile-level-id");
        var mode = payload.Parameter("packetization-mode");
        if (!profileText.IsEmpty && !ProfileLevelId.TryParse(profileText, out profile))
            return false;
        if (mode is not ("" or "0" or "1" or "2"))
            return false;
        parameters = new(profile, mode.IsEmpty ? 0 : mode[0] - '0', payload.Parameter("level-asymmetry-allowed") is "1");
        return true;
    }

    /// <summary>How well a decoder of this offer suits the stream: 0 is the same profile, more is a superset, null is none.</summary>
    /// <remarks>
    /// Two matches go by what is really sent, not by the flags alone. A stream marked Baseline without constraint_set1 is sent to Constrained
    /// Baseline decoders as well: no encoder for cameras uses FMO, ASO or redundant slices, the only difference. A High stream is sent to
    /// Constrained High decoders (Safari): it is progressive and streams with B-pictures are refused at their source.
    /// </remarks>
    public int? Distance(ProfileLevelId stream)
    {
        ReadOnlySpan<H264Profile> fitting = ProfileOf(stream) switch
        {
            H264Profile.ConstrainedBaseline =>
                [H264Profile.ConstrainedBaseline, H264Profile.Baseline, H264Profile.Main, H264Profile.ConstrainedHigh, H264Profile.High],
            H264Profile.Baseline => [H264Profile.Baseline, H264Profile.ConstrainedBaseline],
            H264Profile.Main => [H264Profile.Main, H264Profile.High],
            H264Profile.ConstrainedHigh => [H264Profile.ConstrainedHigh, H264Profile.High],
            H264Profile.High => [H264Profile.High, H264Profile.ConstrainedHigh],
            _ => [],
        };
        var place = fitting.IndexOf(Profile);
        return place < 0 ? null : place;
    }

    /// <summary>RFC 6184 §8.2.2: the level may exceed the offered one only where level-asymmetry-allowed says so.</summary>
    public bool AllowsLevel(ProfileLevelId stream) => AllowsLevelAsymmetry || LevelRank(stream) <= LevelRank(ProfileLevelId);

    /// <summary>The offered profile with the stream's level: the profile must stay as offered, the level is the sender's to state.</summary>
    public ProfileLevelId AnswerFor(ProfileLevelId stream)
    {
        const byte Set3 = 0x10; // with level_idc 11 it means level 1b (RFC 6184 §8.1)
        var constraints = (byte)((ProfileLevelId.Constraints & ~Set3) | (IsLevel1b(stream) ? Set3 : 0));
        return ProfileLevelId with { Constraints = ProfileLevelId.ProfileIdc >= 100 ? ProfileLevelId.Constraints : constraints, LevelIdc = stream.LevelIdc };
    }

    public static H264Profile ProfileOf(ProfileLevelId id)
    {
        var (set0, set1) = ((id.Constraints & 0x80) != 0, (id.Constraints & 0x40) != 0);
        return id.ProfileIdc switch
        {
            66 => set1 ? H264Profile.ConstrainedBaseline : H264Profile.Baseline,
            77 => set0 ? H264Profile.ConstrainedBaseline : H264Profile.Main,
            88 => (set0, set1) switch
            {
                (true, true) => H264Profile.ConstrainedBaseline,
                (true, false) => H264Profile.Baseline,
                _ => H264Profile.Extended,
            },
            100 => (id.Constraints & 0x0C) == 0x0C ? H264Profile.ConstrainedHigh : H264Profile.High,
            244 => H264Profile.High444Predictive,
            _ => H264Profile.Unknown,
        };
    }

    /// <summary>For messages: <c>42e01f (ConstrainedBaseline, level 3.1)</c>.</summary>
    public static string Describe(ProfileLevelId id) =>
        $"{id} ({ProfileOf(id)}, level {(IsLevel1b(id) ? "1b" : $"{id.LevelIdc / 10}.{id.LevelIdc % 10}")})";

    private static bool IsLevel1b(ProfileLevelId id) => id.LevelIdc == 9 || (id.LevelIdc == 11 && id.ProfileIdc < 100 && (id.Constraints & 0x10) != 0);

    private static int LevelRank(ProfileLevelId id) => IsLevel1b(id) ? 21 : id.LevelIdc * 2; // level 1b lies between 1.0 and 1.1
}
