namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A control's range, and the controls that the source knows (V4L2_CID_MPEG_VIDEO_*, "Codec Control Reference").</summary>
internal readonly record struct V4l2Control(int Minimum, int Maximum)
{
    /// <summary>A number in the range.</summary>
    public const uint BFrames = 0x0099_09CA, GroupOfPictures = 0x0099_09CB, Bitrate = 0x0099_09CF, IPeriod = 0x0099_0A66;

    /// <summary>A menu: 0 variable, 1 constant.</summary>
    public const uint BitrateMode = 0x0099_09CE;

    /// <summary>A menu: 0 baseline, 1 constrained baseline, 2 main.</summary>
    public const uint Profile = 0x0099_0A6B;

    /// <summary>A menu: 0 is level 1, 9 is 3.1, 15 is 5.1.</summary>
    public const uint Level = 0x0099_0A67;

    /// <summary>0 or 1: SPS and PPS with each IDR picture. Encoders have one of them.</summary>
    public const uint RepeatHeaders = 0x0099_09E2, PrependHeaders = 0x0099_0B84;

    /// <summary>A menu: 1 has SPS and PPS in one buffer with the first picture.</summary>
    public const uint HeaderMode = 0x0099_09D8;

    /// <summary>0 or 1: the encoder keeps to the bitrate picture by picture.</summary>
    public const uint RateControl = 0x0099_09D7;

    /// <summary>How coarse FWHT pictures are, 1 to 31: those that stand alone, and the others.</summary>
    public const uint FwhtIQuantizer = 0x0099_0A22, FwhtPQuantizer = 0x0099_0A23;

    /// <summary>A button: the next picture is an IDR picture.</summary>
    public const uint ForceKeyFrame = 0x0099_09E5;

    public const int VariableBitrate = 0, ConstantBitrate = 1, JoinedHeaders = 1;
    public const int ProfileBaseline = 0, ProfileConstrainedBaseline = 1, ProfileMain = 2;

    public int Clamp(int value) => Math.Clamp(value, Minimum, Math.Max(Minimum, Maximum));
}
