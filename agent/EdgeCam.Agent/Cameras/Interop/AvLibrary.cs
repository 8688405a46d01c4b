using System.Runtime.InteropServices;
using System.Text;

namespace EdgeCam.Agent.Cameras.Interop;

/// <summary>
/// The system's libavcodec and libavutil, whichever version of them there is. Their libx264 is under the GPL: they are loaded where
/// installed and never bundled.
/// </summary>
internal sealed unsafe class AvLibrary
{
    private const int LogPanic = 0; // AV_LOG_PANIC: the JPEG decoder calls a damaged picture fatal

    /// <summary>libavcodec and libavutil by soname, newest first: FFmpeg 7 (Debian 13), 6 (Ubuntu 24.04), 5 (Debian 12).</summary>
    private static readonly (int Codec, int Util)[] s_versions = [(61, 59), (60, 58), (59, 57)];
    private static readonly Lock s_gate = new();
    private static AvLibrary? s_loaded;

    private AvLibrary(nint codec, nint util, AvOffsets offsets)
    {
        Offsets = offsets;
        FindEncoderByName = (delegate* unmanaged<byte*, void*>)NativeLibrary.GetExport(codec, "avcodec_find_encoder_by_name");
        FindDecoderByName = (delegate* unmanaged<byte*, void*>)NativeLibrary.GetExport(codec, "avcodec_find_decoder_by_name");
        AllocContext = (delegate* unmanaged<void*, void*>)NativeLibrary.GetExport(codec, "avcodec_alloc_context3");
        FreeContext = (delegate* unmanaged<void**, void>)NativeLibrary.GetExport(codec, "avcodec_free_context");
        Open = (delegate* unmanaged<void*, void*, void**, int>)NativeLibrary.GetExport(codec, "avcodec_open2");
        SendFrame = (delegate* unmanaged<void*, void*, int>)NativeLibrary.GetExport(codec, "avcodec_send_frame");
        ReceivePacket = (delegate* unmanaged<void*, void*, int>)NativeLibrary.GetExport(codec, "avcodec_receive_packet");
        SendPacket = (delegate* unmanaged<void*, void*, int>)NativeLibrary.GetExport(codec, "avcodec_send_packet");
        ReceiveFrame = (delegate* unmanaged<void*, void*, int>)NativeLibrary.GetExport(codec, "avcodec_receive_frame");
        AllocPacket = (delegate* unmanaged<void*>)NativeLibrary.GetExport(codec, "av_packet_alloc");
        FreePacket = (delegate* unmanaged<void**, void>)NativeLibrary.GetExport(codec, "av_packet_free");
        NewPacket = (delegate* unmanaged<void*, int, int>)NativeLibrary.GetExport(codec, "av_new_packet");
        UnrefPacket = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(codec, "av_packet_unref");
        AllocFrame = (delegate* unmanaged<void*>)NativeLibrary.GetExport(util, "av_frame_alloc");
        FreeFrame = (delegate* unmanaged<void**, void>)NativeLibrary.GetExport(util, "av_frame_free");
        GetFrameBuffer = (delegate* unmanaged<void*, int, int>)NativeLibrary.GetExport(util, "av_frame_get_buffer");
        IsFrameWritable = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(util, "av_frame_is_writable");
        _setOption = (delegate* unmanaged<void*, byte*, byte*, int, int>)NativeLibrary.GetExport(util, "av_opt_set");
        _setNumber = (delegate* unmanaged<void*, byte*, long, int, int>)NativeLibrary.GetExport(util, "av_opt_set_int");
        _errorText = (delegate* unmanaged<int, byte*, nuint, int>)NativeLibrary.GetExport(util, "av_strerror");
        var setLogLevel = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(util, "av_log_set_level");
        setLogLevel(LogPanic); // x264 would introduce itself on stderr each time it is opened, and each damaged picture would have its line
    }

    private readonly delegate* unmanaged<void*, byte*, byte*, int, int> _setOption;
    private readonly delegate* unmanaged<void*, byte*, long, int, int> _setNumber;
    private readonly delegate* unmanaged<int, byte*, nuint, int> _errorText;

    public AvOffsets Offsets { get; }

    public delegate* unmanaged<byte*, void*> FindEncoderByName { get; }

    public delegate* unmanaged<byte*, void*> FindDecoderByName { get; }

    public delegate* unmanaged<void*, void*> AllocContext { get; }

    public delegate* unmanaged<void**, void> FreeContext { get; }

    public delegate* unmanaged<void*, void*, void**, int> Open { get; }

    public delegate* unmanaged<void*, void*, int> SendFrame { get; }

    public delegate* unmanaged<void*, void*, int> ReceivePacket { get; }

    public delegate* unmanaged<void*, void*, int> SendPacket { get; }

    public delegate* unmanaged<void*, void*, int> ReceiveFrame { get; }

    public delegate* unmanaged<void*> AllocPacket { get; }

    public delegate* unmanaged<void**, void> FreePacket { get; }

    public delegate* unmanaged<void*, int, int> NewPacket { get; }

    public delegate* unmanaged<void*, void> UnrefPacket { get; }

    public delegate* unmanaged<void*> AllocFrame { get; }

    public delegate* unmanaged<void**, void> FreeFrame { get; }

    public delegate* unmanaged<void*, int, int> GetFrameBuffer { get; }

    public delegate* unmanaged<void*, int> IsFrameWritable { get; }

    /// <summary>Loads and tests it once; a failure is not remembered, because the operator may install what is missing meanwhile.</summary>
    /// <exception cref="EncoderException">It is missing, or not what this program knows.</exception>
    public static AvLibrary Load()
    {
        lock (s_gate)
        {
            if (s_loaded is { } loaded)
                return loaded;
            var library = Load(new AvOffsets());
            if (AvSelfTest.FindFault(library) is { } fault)
                throw new EncoderException($"The installed libavcodec is not laid out as this program knows it ({fault}), so it is not used: take a camera that gives H.264 by itself, with encoder \"camera\".");
            return s_loaded = library;
        }
    }

    /// <summary>Loads it without a test.</summary>
    public static AvLibrary Load(AvOffsets offsets)
    {
        foreach (var (codec, util) in s_versions)
        {
            if (NativeLibrary.TryLoad($"libavcodec.so.{codec}", out var codecLibrary) && NativeLibrary.TryLoad($"libavutil.so.{util}", out var utilLibrary))
                return new(codecLibrary, utilLibrary, offsets);
        }

        throw new EncoderException("libavcodec is not installed, and to encode without hardware for it takes that: apt install libavcodec61 (Debian 13) or libavcodec59 (Debian 12).");
    }

    /// <summary>Sets an option of the context, or of the encoder within it.</summary>
    public bool TrySet(void* context, ReadOnlySpan<byte> name, string value)
    {
        fixed (byte* n = name, v = Encoding.UTF8.GetBytes(value + '\0'))
            return _setOption(context, n, v, 1) >= 0; // AV_OPT_SEARCH_CHILDREN
    }

    public bool TrySet(void* context, ReadOnlySpan<byte> name, long value)
    {
        fixed (byte* n = name)
            return _setNumber(context, n, value, 1) >= 0;
    }

    public string Describe(int error)
    {
        var text = stackalloc byte[128];
        return _errorText(error, text, 128) < 0 ? $"error {error}" : Marshal.PtrToStringUTF8((nint)text)!;
    }
}
