using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Camera.Interop;

/// <summary>H.264 with one picture in, one access unit out: no B-frames, no look-ahead, one slice, a closed GOP.</summary>
internal sealed unsafe class X264Encoder : SafeHandle
{
    private const int Csp420 = 2; // X264_CSP_I420
    private const int SeiNal = 6;
    private const int ParameterBytes = 16 * 1024; // x264_param_t has about 1 KiB

    private readonly X264 _library;
    private byte[] _accessUnit = new byte[256 * 1024];
    private int _length;

    private X264Encoder(X264 library, nint encoder)
        : base(0, ownsHandle: true)
    {
        _library = library;
        SetHandle(encoder);
    }

    public override bool IsInvalid => handle == 0;

    public static X264Encoder Open(CameraArguments arguments)
    {
        var library = X264.Load();
        var parameters = NativeMemory.AllocZeroed(ParameterBytes);
        try
        {
            if (!library.TryPreset(parameters, arguments.Preset, "zerolatency"))
                throw new EncoderException($"libx264 knows no preset '{arguments.Preset}'");
            SetSize(library, (int*)parameters, arguments.Width, arguments.Height);
            foreach (var (name, value) in Options(arguments))
            {
                if (!library.TrySet(parameters, name, value))
                    throw new EncoderException($"libx264 (build {library.Build}) refused {name}={value}");
            }

            if (!library.TryProfile(parameters, arguments.Profile))
                throw new EncoderException($"libx264 refused the profile {arguments.Profile}");
            var encoder = library.EncoderOpen(parameters);
            if (encoder == 0)
                throw new EncoderException($"libx264 (build {library.Build}) cannot encode {arguments.Width}x{arguments.Height} with these options");
            return new(library, encoder);
        }
        finally
        {
            NativeMemory.Free(parameters);
        }
    }

    /// <summary>SPS and PPS, for a stream that does not repeat them.</summary>
    public ReadOnlySpan<byte> Headers()
    {
        X264.Nal* nals;
        int count;
        if (_library.EncoderHeaders(handle, &nals, &count) < 0)
            throw new EncoderException("libx264 made no headers");
        return Collect(nals, count);
    }

    /// <summary>Encodes a picture. The bytes, in Annex B, stand until the next call.</summary>
    public ReadOnlySpan<byte> Encode(Picture picture, long number)
    {
        X264.PictureIn input, output;
        _library.PictureInit(&input);
        input.Pts = number;
        input.Csp = Csp420;
        input.Planes = 3;
        input.Stride[0] = picture.Width;
        input.Stride[1] = input.Stride[2] = picture.Width / 2;
        X264.Nal* nals;
        int count;
        fixed (byte* luma = picture.Luma, cb = picture.Cb, cr = picture.Cr)
        {
            (input.Plane0, input.Plane1, input.Plane2) = ((nint)luma, (nint)cb, (nint)cr);
            if (_library.EncoderEncode(handle, &nals, &count, &input, &output) < 0)
                throw new EncoderException("libx264 failed to encode a picture");
        }

        return Collect(nals, count);
    }

    protected override bool ReleaseHandle()
    {
        _library.EncoderClose(handle);
        return true;
    }

    private static IEnumerable<(string Name, string Value)> Options(CameraArguments arguments)
    {
        string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
        var intra = arguments.Intra == 0 ? 60 : arguments.Intra;
        yield return ("log", "0");
        yield return ("threads", "1"); // the machine is shared with the agent and a browser; sliced threads would cut the picture
        yield return ("fps", string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Round(arguments.FrameRate * 1000)}/1000"));
        yield return ("force-cfr", "1");
        yield return ("keyint", Text(intra));
        yield return ("min-keyint", Text(intra));
        yield return ("scenecut", "0");
        yield return ("bframes", "0");
        yield return ("repeat-headers", arguments.Inline ? "1" : "0");
        yield return ("level", arguments.Level);
        yield return ("fullrange", "off");
        yield return ("colorprim", "bt709");
        yield return ("transfer", "bt709");
        yield return ("colormatrix", "bt709");
        if (arguments.Bitrate > 0)
        {
            var kilobits = Math.Max(1, arguments.Bitrate / 1000);
            yield return ("bitrate", Text(kilobits));
            yield return ("vbv-maxrate", Text(kilobits));
            yield return ("vbv-bufsize", Text(kilobits / 2)); // half a second: an IDR picture does not fill a link for long
        }
    }

    /// <summary>
    /// Writes what no option sets: width and height. They lie at the same distance before the level in all builds; the level is found by
    /// setting it twice, and what surrounds it must be the defaults that we know, or nothing is written.
    /// </summary>
    private static void SetSize(X264 library, int* parameters, int width, int height)
    {
        const int searched = 64;
        var before = new int[searched];
        library.TrySet(parameters, "level", "1.1");
        new ReadOnlySpan<int>(parameters, searched).CopyTo(before);
        library.TrySet(parameters, "level", "5.1");
        for (var i = 4; i < searched; i++)
        {
            if (before[i] != 11 || parameters[i] != 51)
                continue;
            if (parameters[i - 4] != 0 || parameters[i - 3] != 0 || parameters[i - 2] != Csp420 || parameters[i - 1] != 8)
                break;
            (parameters[i - 4], parameters[i - 3]) = (width, height);
            return;
        }

        throw new EncoderException($"libx264 build {library.Build} has a layout that this program does not know");
    }

    private ReadOnlySpan<byte> Collect(X264.Nal* nals, int count)
    {
        _length = 0;
        for (var i = 0; i < count; i++)
        {
            if (nals[i].Type == SeiNal) // only x264's advertisement of itself, which no camera sends
                continue;
            var bytes = new ReadOnlySpan<byte>(nals[i].Payload, nals[i].Length);
            if (_length + bytes.Length > _accessUnit.Length)
                Array.Resize(ref _accessUnit, Math.Max(_length + bytes.Length, _accessUnit.Length * 2));
            bytes.CopyTo(_accessUnit.AsSpan(_length));
            _length += bytes.Length;
        }

        return _accessUnit.AsSpan(0, _length);
    }
}
