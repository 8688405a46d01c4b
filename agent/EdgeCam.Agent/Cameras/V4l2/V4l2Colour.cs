namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What samples mean, in the kernel's numbers (V4L2_COLORSPACE_*, V4L2_YCBCR_ENC_*, V4L2_QUANTIZATION_*); 0 is the default of what stands before it.</summary>
internal readonly record struct V4l2Colour(uint Space, uint Encoding = 0, uint Quantization = 0)
{
    private const uint Bt709Space = 3, JpegSpace = 7;
    private const uint Encoding601 = 1, Encoding709 = 2;
    private const uint Full = 1, Limited = 2;

    /// <summary>"Defining Colorspaces in V4L2": whoever names no matrix means that of BT.601, but for BT.709; and the limited range, but for JPEG.</summary>
    public PictureColour Meaning => new(
        IsBt601: Encoding != Encoding709 && (Encoding == Encoding601 || Space != Bt709Space),
        IsFullRange: Quantization == Full || (Quantization != Limited && Space == JpegSpace));

    public static V4l2Colour From(PictureColour colour) => new(Bt709Space, colour.IsBt601 ? Encoding601 : Encoding709, colour.IsFullRange ? Full : Limited);
}
