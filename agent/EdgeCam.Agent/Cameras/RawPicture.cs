namespace EdgeCam.Agent.Cameras;

/// <summary>A raw picture where it lies. Its planes are long enough for what is read of them.</summary>
internal readonly ref struct RawPicture
{
    public PictureLayout Layout { get; init; }

    /// <summary>Of packed layouts all samples.</summary>
    public ReadOnlySpan<byte> Luma { get; init; }

    /// <summary>Where Cb and Cr come in turn, both.</summary>
    public ReadOnlySpan<byte> Cb { get; init; }

    public ReadOnlySpan<byte> Cr { get; init; }

    /// <summary>Bytes from one row of luma, or of packed samples, to the next.</summary>
    public int Stride { get; init; }

    public int ChromaStride { get; init; }
}
