namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The format that a node is set to (struct v4l2_pix_format, or v4l2_pix_format_mplane).</summary>
/// <param name="BufferSize">Bytes: what the largest picture may take; of several planes the first one.</param>
internal readonly record struct V4l2Format(uint FourCc, int Width, int Height, int BufferSize)
{
    /// <summary>Bytes from one row of luma (or of packed samples) to the next; 0 where the driver says none.</summary>
    public int Stride { get; init; }

    /// <summary>Pieces of memory that a picture consists of.</summary>
    public int Planes { get; init; } = 1;

    public V4l2Colour Colour { get; init; }
}
