using System.Globalization;
using System.Runtime.InteropServices;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.Interop;

/// <summary>
/// libx264 through libavcodec: a picture in, its access unit out, at once. The picture is written where the encoder reads it. Bitrate and
/// IDR pictures change while it runs; nothing of it is restarted. It belongs to one thread.
/// </summary>
internal sealed unsafe class H264Encoder : SafeHandle, IPictureEncoder
{
    /// <summary>How much of the bitrate the decoder's buffer holds: an IDR picture takes no link longer than that.</summary>
    public const double BufferSeconds = 0.25;

    private const int Planar420 = 0; // AV_PIX_FMT_YUV420P
    private const int Alignment = 32;
    private const int PictureTypeI = 1;
    private const int FlagKey = 1;

    private readonly AvLibrary _library;
    private readonly AvOffsets _at;
    private readonly int _height;
    private readonly void* _frame;
    private readonly void* _packet;
    private long _next;
    private Instant _captureTime;
    private bool _isReady;

    private H264Encoder(AvLibrary library, void* context, EncoderSettings settings)
        : base(0, ownsHandle: true)
    {
        (_library, _at, _height) = (library, library.Offsets, settings.Height);
        SetHandle((nint)context);
        _packet = library.AllocPacket();
        _frame = library.AllocFrame();
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Bits per second, as set last.</summary>
    public long Bitrate { get; private set; }

    /// <summary>Whether the access unit encoded last is an IDR picture.</summary>
    public bool IsIdr { get; private set; }

    /// <summary>The number of the picture that the access unit encoded last belongs to.</summary>
    public long Number { get; private set; }

    private void* Context => (void*)handle;

    /// <exception cref="EncoderException">It cannot be opened with these settings.</exception>
    public static H264Encoder Open(AvLibrary library, EncoderSettings settings)
    {
        void* codec;
        fixed (byte* name = "libx264\0"u8)
            codec = library.FindEncoderByName(name);
        if (codec == null)
            throw new EncoderException("The installed libavcodec has no libx264, which encoder \"software\" needs: install Debian's own libavcodec61 or libavcodec59.");
        var context = library.AllocContext(codec);
        if (context == null)
            throw new EncoderException("libavcodec has no memory for an encoder.");
        var encoder = new H264Encoder(library, context, settings);
        try
        {
            encoder.Configure(codec, settings);
            return encoder;
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Span<byte> Plane(int plane, out int stride)
    {
        stride = *(int*)((byte*)_frame + _at.FrameLineSize + (plane * sizeof(int)));
        var rows = plane == 0 ? _height : _height / 2;
        return new(*(byte**)((byte*)_frame + _at.FrameData + (plane * sizeof(void*))), stride * rows);
    }

    /// <summary>From the next picture on.</summary>
    /// <exception cref="EncoderException">The library refused it.</exception>
    public void SetBitrate(long bitsPerSecond)
    {
        if (bitsPerSecond == Bitrate)
            return;
        // Equal, so that x264 keeps a constant rate; it takes them over before it encodes the next picture.
        Set("b\0"u8, bitsPerSecond);
        Set("maxrate\0"u8, bitsPerSecond);
        Set("bufsize\0"u8, (long)(bitsPerSecond * BufferSeconds));
        Bitrate = bitsPerSecond;
    }

    /// <summary>Encodes what was written to the planes.</summary>
    /// <returns>Annex B, valid until the next call; empty where the encoder gave nothing.</returns>
    /// <exception cref="EncoderException">The library failed.</exception>
    public ReadOnlySpan<byte> Encode(bool isIdrWanted)
    {
        _library.UnrefPacket(_packet);
        *(long*)((byte*)_frame + _at.FramePts) = _next++;
        *(int*)((byte*)_frame + _at.FramePictureType) = isIdrWanted ? PictureTypeI : 0;
        var result = _library.SendFrame(Context, _frame);
        if (result >= 0)
            result = _library.ReceivePacket(Context, _packet);
        if (result < 0)
            throw new EncoderException($"libx264 failed to encode a picture: {_library.Describe(result)}.");
        Number = *(long*)((byte*)_packet + _at.PacketPts);
        IsIdr = (*(int*)((byte*)_packet + _at.PacketFlags) & FlagKey) != 0;
        return new(*(byte**)((byte*)_packet + _at.PacketData), *(int*)((byte*)_packet + _at.PacketSize));
    }

    void IPictureEncoder.Begin()
    {
    }

    void IPictureEncoder.Encode(Instant captureTime, bool isIdrWanted)
    {
        _isReady = !Encode(isIdrWanted).IsEmpty;
        _captureTime = captureTime;
    }

    bool IPictureEncoder.TryTake(out ReadOnlySpan<byte> unit, out Instant captureTime)
    {
        var isReady = _isReady;
        (_isReady, captureTime) = (false, _captureTime);
        unit = isReady ? new(*(byte**)((byte*)_packet + _at.PacketData), *(int*)((byte*)_packet + _at.PacketSize)) : default;
        return isReady;
    }

    /// <summary>The encoder has let go of the last picture: the next one may be written over it.</summary>
    public bool IsPictureFree => _library.IsFrameWritable(_frame) > 0;

    protected override bool ReleaseHandle()
    {
        void* context = (void*)handle, frame = _frame, packet = _packet;
        _library.FreeContext(&context);
        _library.FreeFrame(&frame);
        _library.FreePacket(&packet);
        return true;
    }

    private void Configure(void* codec, EncoderSettings settings)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{settings.Width}x{settings.Height}");
        Set("video_size\0"u8, size);
        Set("pixel_format\0"u8, "yuv420p");
        Set("time_base\0"u8, string.Create(CultureInfo.InvariantCulture, $"1/{settings.FrameRate}"));
        Set("g\0"u8, settings.KeyFrameInterval);
        Set("bf\0"u8, 0);
        Set("threads\0"u8, settings.Threads);
        Set("color_range\0"u8, settings.Colour.IsFullRange ? "pc" : "tv");
        Set("colorspace\0"u8, settings.Colour.IsBt601 ? "smpte170m" : "bt709");
        Set("color_primaries\0"u8, "bt709");
        Set("color_trc\0"u8, "bt709");
        Set("preset\0"u8, "superfast");
        Set("tune\0"u8, "zerolatency");
        Set("profile\0"u8, settings.Profile);
        Set("forced-idr\0"u8, 1);
        Set("x264-params\0"u8, "scenecut=0:force-cfr=1");
        if (settings.Level is { } level)
            Set("level\0"u8, level);
        SetBitrate(settings.Bitrate);
        var result = _library.Open(Context, codec, null);
        if (result < 0)
            throw new EncoderException($"libx264 cannot encode {size} with these settings: {_library.Describe(result)}.");

        *(int*)((byte*)_frame + _at.FrameWidth) = settings.Width;
        *(int*)((byte*)_frame + _at.FrameHeight) = settings.Height;
        *(int*)((byte*)_frame + _at.FrameFormat) = Planar420;
        result = _library.GetFrameBuffer(_frame, Alignment);
        if (result < 0)
            throw new EncoderException($"libavutil has no buffer for a picture of {size}: {_library.Describe(result)}.");
    }

    private void Set(ReadOnlySpan<byte> name, string value)
    {
        if (!_library.TrySet(Context, name, value))
            throw new EncoderException($"libx264 refused {System.Text.Encoding.UTF8.GetString(name[..^1])}={value}.");
    }

    private void Set(ReadOnlySpan<byte> name, long value)
    {
        if (!_library.TrySet(Context, name, value))
            throw new EncoderException($"libx264 refused {System.Text.Encoding.UTF8.GetString(name[..^1])}={value}.");
    }
}
