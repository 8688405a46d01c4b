using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Interop;

/// <summary>libavcodec's JPEG decoder for a camera's pictures: one in, one out. It belongs to one thread.</summary>
internal sealed unsafe class JpegDecoder : SafeHandle
{
    private const int LargestPicture = 16 * 1024 * 1024; // bytes; a JPEG of 4096x4096 has fewer

    /// <summary>AV_PIX_FMT_*: with J the full range, which newer releases tell apart from the format.</summary>
    private const int Yuv420 = 0, Yuv422 = 4, Grey = 8, FullYuv420 = 12, FullYuv422 = 13;

    private readonly AvLibrary _library;
    private readonly AvOffsets _at;
    private readonly void* _frame;
    private readonly void* _packet;

    private JpegDecoder(AvLibrary library, void* context)
        : base(0, ownsHandle: true)
    {
        (_library, _at) = (library, library.Offsets);
        SetHandle((nint)context);
        _packet = library.AllocPacket();
        _frame = library.AllocFrame();
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Why the last picture could not be decoded.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>Whether pictures can be decoded here.</summary>
    public static bool IsAvailable()
    {
        try
        {
            return Find(AvLibrary.Load()) != null;
        }
        catch (EncoderException)
        {
            return false; // said when something is to be encoded
        }
    }

    /// <exception cref="EncoderException">The library has no such decoder.</exception>
    public static JpegDecoder Open(AvLibrary library)
    {
        var codec = Find(library);
        var context = codec == null ? null : library.AllocContext(codec);
        if (context == null)
            throw new EncoderException("The installed libavcodec has no JPEG decoder: install Debian's own libavcodec61 or libavcodec59.");
        var decoder = new JpegDecoder(library, context);
        var result = library.Open(context, codec, null);
        if (result >= 0)
            return decoder;
        decoder.Dispose();
        throw new EncoderException($"libavcodec cannot decode JPEG: {library.Describe(result)}.");
    }

    /// <summary>Decodes a picture of a size that is known.</summary>
    /// <param name="picture">Valid until the next call.</param>
    /// <returns>False where it is no such picture; <see cref="Fault"/> says why.</returns>
    public bool TryDecode(scoped ReadOnlySpan<byte> jpeg, int width, int height, out RawPicture picture)
    {
        picture = default;
        if (jpeg.Length > LargestPicture)
            return Fails($"it has {jpeg.Length} bytes");
        _library.UnrefPacket(_packet);
        if (_library.NewPacket(_packet, jpeg.Length) < 0)
            return Fails("there is no memory for it");
        jpeg.CopyTo(new(*(byte**)((byte*)_packet + _at.PacketData), jpeg.Length)); // libavcodec reads beyond the end, where a packet of its own has room
        var result = _library.SendPacket((void*)handle, _packet);
        if (result >= 0)
            result = _library.ReceiveFrame((void*)handle, _frame);
        if (result < 0)
            return Fails(_library.Describe(result));
        var (ownWidth, ownHeight) = (Field(_at.FrameWidth), Field(_at.FrameHeight));
        if ((ownWidth, ownHeight) != (width, height))
            return Fails($"it has {ownWidth}x{ownHeight} where the driver says {width}x{height}");
        var layout = Field(_at.FrameFormat) switch
        {
            Yuv420 or FullYuv420 => PictureLayout.Planar,
            Yuv422 or FullYuv422 => PictureLayout.PlanarTall,
            Grey => PictureLayout.Grey,
            _ => (PictureLayout?)null,
        };
        if (layout is not { } known)
            return Fails("its chroma is sampled neither 4:2:0 nor 4:2:2");
        var chromaRows = known switch
        {
            PictureLayout.Grey => 0,
            PictureLayout.Planar => (height + 1) / 2,
            _ => height,
        };
        picture = new()
        {
            Layout = known, Luma = Rows(0, height), Cb = Rows(1, chromaRows), Cr = Rows(2, chromaRows), Stride = Stride(0), ChromaStride = Stride(1),
        };
        return true;
    }

    protected override bool ReleaseHandle()
    {
        void* context = (void*)handle, frame = _frame, packet = _packet;
        _library.FreeContext(&context);
        _library.FreeFrame(&frame);
        _library.FreePacket(&packet);
        return true;
    }

    private static void* Find(AvLibrary library)
    {
        fixed (byte* name = "mjpeg\0"u8)
            return library.FindDecoderByName(name);
    }

    private int Field(int offset) => *(int*)((byte*)_frame + offset);

    private int Stride(int plane) => Field(_at.FrameLineSize + (plane * sizeof(int)));

    private ReadOnlySpan<byte> Rows(int plane, int rows) => rows == 0 ? default : new(*(byte**)((byte*)_frame + _at.FrameData + (plane * sizeof(void*))), Stride(plane) * rows);

    private bool Fails(string why)
    {
        Fault = why;
        return false;
    }
}
