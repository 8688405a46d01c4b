using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Camera.Interop;

/// <summary>
/// The system's libx264, whichever build it is: found by its soname, configured by option strings. Its licence is the GPL, so it is
/// loaded where installed and never bundled.
/// </summary>
internal sealed unsafe class X264
{
    private static readonly int[] Builds = [164, 165, 163, 160, 161, 162, 166, 167, 168, 159, 158, 157, 155];

    private readonly delegate* unmanaged<void*, byte*, byte*, int> _paramDefaultPreset;
    private readonly delegate* unmanaged<void*, byte*, byte*, int> _paramParse;
    private readonly delegate* unmanaged<void*, byte*, int> _paramApplyProfile;

    private X264(nint library, int build)
    {
        Build = build;
        _paramDefaultPreset = (delegate* unmanaged<void*, byte*, byte*, int>)NativeLibrary.GetExport(library, "x264_param_default_preset");
        _paramParse = (delegate* unmanaged<void*, byte*, byte*, int>)NativeLibrary.GetExport(library, "x264_param_parse");
        _paramApplyProfile = (delegate* unmanaged<void*, byte*, int>)NativeLibrary.GetExport(library, "x264_param_apply_profile");
        EncoderOpen = (delegate* unmanaged<void*, nint>)NativeLibrary.GetExport(library, $"x264_encoder_open_{build}");
        EncoderHeaders = (delegate* unmanaged<nint, Nal**, int*, int>)NativeLibrary.GetExport(library, "x264_encoder_headers");
        EncoderEncode = (delegate* unmanaged<nint, Nal**, int*, void*, void*, int>)NativeLibrary.GetExport(library, "x264_encoder_encode");
        EncoderClose = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "x264_encoder_close");
        PictureInit = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "x264_picture_init");
    }

    public int Build { get; }

    public delegate* unmanaged<void*, nint> EncoderOpen { get; }

    public delegate* unmanaged<nint, Nal**, int*, int> EncoderHeaders { get; }

    public delegate* unmanaged<nint, Nal**, int*, void*, void*, int> EncoderEncode { get; }

    public delegate* unmanaged<nint, void> EncoderClose { get; }

    public delegate* unmanaged<void*, void> PictureInit { get; }

    /// <exception cref="EncoderException">It is not installed.</exception>
    public static X264 Load()
    {
        foreach (var build in Builds)
        {
            if (NativeLibrary.TryLoad($"libx264.so.{build}", out var library))
                return new(library, build);
        }

        throw new EncoderException("libx264 is not installed, so this camera cannot make H.264. Install it: apt install libx264-164 "
            + "(Debian 12) or libx264-165 (Debian 13). --codec yuv420 works without it.");
    }

    public bool TryPreset(void* parameters, string preset, string tune)
    {
        fixed (byte* p = Text(preset), t = Text(tune))
            return _paramDefaultPreset(parameters, p, t) == 0;
    }

    public bool TrySet(void* parameters, string name, string value)
    {
        fixed (byte* n = Text(name), v = Text(value))
            return _paramParse(parameters, n, v) == 0;
    }

    public bool TryProfile(void* parameters, string profile)
    {
        fixed (byte* p = Text(profile))
            return _paramApplyProfile(parameters, p) == 0;
    }

    private static byte[] Text(string text) => System.Text.Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>x264_nal_t; payloads of one picture lie one after the other in memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Nal
    {
        public int Priority;
        public int Type;
        public int LongStartCode;
        public int FirstMacroblock;
        public int LastMacroblock;
        public int Length;
        public byte* Payload;
        public int Padding;
    }

    /// <summary>x264_picture_t up to what we fill; the rest is room for what newer builds add.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1024)]
    internal struct PictureIn
    {
        [FieldOffset(16)] public long Pts;
        [FieldOffset(40)] public int Csp;
        [FieldOffset(44)] public int Planes;
        [FieldOffset(48)] public fixed int Stride[4];
        [FieldOffset(64)] public nint Plane0;
        [FieldOffset(72)] public nint Plane1;
        [FieldOffset(80)] public nint Plane2;
    }
}
