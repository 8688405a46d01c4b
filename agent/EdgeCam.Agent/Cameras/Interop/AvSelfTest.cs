namespace EdgeCam.Agent.Cameras.Interop;

/// <summary>
/// Proves <see cref="AvOffsets"/> against the library that is really installed, a few milliseconds long: first by what the library's own
/// functions leave in memory that we own, then by encoding known pictures.
/// </summary>
internal static unsafe class AvSelfTest
{
    private const int Width = 64;
    private const int Height = 48;
    private const int Looked = 144; // bytes of either structure that may be looked at: AVFrame has more in every version
    private const int PacketLooked = 96; // AVPacket too

    /// <returns>What does not fit; null where all is well.</returns>
    public static string? FindFault(AvLibrary library) => FindPacketFault(library) ?? FindFrameFault(library) ?? FindEncodingFault(library);

    /// <summary>A new packet of known size has that size, an address and no time.</summary>
    private static string? FindPacketFault(AvLibrary library)
    {
        const int size = 0x1234;
        var packet = library.AllocPacket();
        try
        {
            if (library.NewPacket(packet, size) < 0)
                return "av_new_packet";
            var at = library.Offsets;
            if (!Fits(at.PacketSize, sizeof(int), PacketLooked) || *(int*)((byte*)packet + at.PacketSize) != size)
                return "AVPacket.size";
            if (!Fits(at.PacketPts, sizeof(long), PacketLooked) || *(long*)((byte*)packet + at.PacketPts) != long.MinValue) // AV_NOPTS_VALUE
                return "AVPacket.pts";
            return !Fits(at.PacketData, sizeof(void*), PacketLooked) || !IsAddress(*(nint*)((byte*)packet + at.PacketData)) ? "AVPacket.data"
                : !Fits(at.PacketFlags, sizeof(int), PacketLooked) || *(int*)((byte*)packet + at.PacketFlags) != 0 ? "AVPacket.flags" : null;
        }
        finally
        {
            library.FreePacket(&packet);
        }
    }

    /// <summary>A new frame has format -1 and no time; once told a size and a format, it gets planes of that size.</summary>
    private static string? FindFrameFault(AvLibrary library)
    {
        var frame = library.AllocFrame();
        try
        {
            var at = library.Offsets;
            if (!Fits(at.FrameFormat, sizeof(int)) || *(int*)((byte*)frame + at.FrameFormat) != -1)
                return "AVFrame.format";
            if (!Fits(at.FramePts, sizeof(long)) || *(long*)((byte*)frame + at.FramePts) != long.MinValue)
                return "AVFrame.pts";
            if (!IsZero(frame, at.FrameWidth) || !IsZero(frame, at.FrameHeight) || !IsZero(frame, at.FramePictureType) || at.FrameWidth == at.FrameHeight)
                return "AVFrame.width, height or pict_type";
            *(int*)((byte*)frame + at.FrameFormat) = 0;
            *(int*)((byte*)frame + at.FrameWidth) = Width;
            *(int*)((byte*)frame + at.FrameHeight) = Height;
            if (library.GetFrameBuffer(frame, 32) < 0)
                return "av_frame_get_buffer";
            if (!Fits(at.FrameLineSize, 4 * sizeof(int)) || !new ReadOnlySpan<int>((byte*)frame + at.FrameLineSize, 4).SequenceEqual([Width, Width / 2, Width / 2, 0]))
                return "AVFrame.linesize";
            if (!Fits(at.FrameData, 4 * sizeof(void*)))
                return "AVFrame.data";
            var planes = new ReadOnlySpan<nint>((byte*)frame + at.FrameData, 4);
            var isApart = IsAddress(planes[0]) && IsAddress(planes[1]) && IsAddress(planes[2]) && planes[3] == 0 && planes[0] != planes[1] && planes[1] != planes[2];
            return isApart ? null : "AVFrame.data";
        }
        finally
        {
            library.FreeFrame(&frame);
        }
    }

    /// <summary>Pictures carry their number through, a noisy one is larger than a grey one, and an IDR picture comes where it is asked for.</summary>
    private static string? FindEncodingFault(AvLibrary library)
    {
        using var encoder = H264Encoder.Open(library, new(Width, Height, FrameRate: 30, Bitrate: 1_000_000, KeyFrameInterval: 100));
        var noise = new Random(1);
        var sizes = new int[4];
        for (var i = 0; i < sizes.Length; i++)
        {
            for (var plane = 0; plane < 3; plane++)
            {
                var samples = encoder.Plane(plane, out _);
                samples.Fill(128);
                if (i == 2 && plane == 0)
                    noise.NextBytes(samples);
            }

            var unit = encoder.Encode(isIdrWanted: i == 3);
            sizes[i] = unit.Length;
            if (encoder.Number != i)
                return "AVFrame.pts or AVPacket.pts";
            if (unit.Length < 5 || unit.IndexOf([(byte)0, (byte)0, (byte)1]) is not (0 or 1))
                return "AVPacket.data or size";
            if (encoder.IsIdr != (i is 0 or 3))
                return "AVFrame.pict_type or AVPacket.flags";
            if (!encoder.IsPictureFree)
                return "the encoder keeps pictures";
        }

        return sizes[2] > 4 * sizes[1] ? null : "AVFrame.data";
    }

    private static bool Fits(int offset, int size, int looked = Looked) => offset >= 0 && offset % sizeof(int) == 0 && offset + size <= looked;

    private static bool IsZero(void* frame, int offset) => Fits(offset, sizeof(int)) && *(int*)((byte*)frame + offset) == 0;

    private static bool IsAddress(nint value) => (ulong)value is > 4096 and < 1UL << 56;
}
