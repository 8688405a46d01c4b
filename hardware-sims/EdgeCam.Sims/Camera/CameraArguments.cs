using System.Globalization;

namespace EdgeCam.Sims.Camera;

/// <summary>rpicam-vid's command line, as far as a simulated camera can honour it, and a few options of our own.</summary>
internal sealed class CameraArguments
{
    private static readonly Dictionary<char, string> Short = new()
    {
        ['h'] = "help", ['v'] = "verbose", ['t'] = "timeout", ['o'] = "output", ['n'] = "nopreview", ['b'] = "bitrate", ['g'] = "intra",
        ['c'] = "config", ['p'] = "preview", ['f'] = "fullscreen", ['q'] = "quality", ['l'] = "listen", ['k'] = "keypress", ['s'] = "signal",
    };

    /// <summary>Options without a value; rpicam-vid also takes <c>--inline=0</c> and, of old, <c>--inline 1</c>.</summary>
    private static readonly HashSet<string> Flags =
    [
        "help", "version", "list-cameras", "nopreview", "fullscreen", "qt-preview", "hflip", "vflip", "flush", "no-raw", "inline", "low-latency",
        "listen", "keypress", "signal", "split", "libav-audio", "unpaced",
    ];

    /// <summary>Options of a real sensor: taken, because an agent passes them, and without effect here.</summary>
    private static readonly HashSet<string> WithoutEffect =
    [
        "config", "info-text", "camera", "preview", "fullscreen", "qt-preview", "hflip", "vflip", "rotation", "roi", "shutter", "gain", "analoggain",
        "metering", "exposure", "ev", "awb", "awbgains", "wrap", "brightness", "contrast", "saturation", "sharpness", "denoise", "viewfinder-width",
        "viewfinder-height", "tuning-file", "lores-width", "lores-height", "lores-par", "mode", "viewfinder-mode", "buffer-count",
        "viewfinder-buffer-count", "no-raw", "autofocus-mode", "autofocus-range", "autofocus-speed", "autofocus-window", "lens-position", "hdr",
        "metadata", "metadata-format", "flicker-period", "post-process-file", "post-process-libs", "quality", "listen", "keypress", "signal",
        "initial", "split", "segment", "circular", "libav-video-codec", "libav-video-codec-opts", "libav-format", "libav-audio", "audio-codec",
        "audio-source", "audio-device", "audio-channels", "audio-bitrate", "audio-samplerate", "av-sync", "sync", "encoder-libs", "nopreview",
        "flush", "low-latency", "save-pts",
    ];

    private static readonly HashSet<string> Valued =
    [
        "codec", "width", "height", "framerate", "bitrate", "intra", "profile", "level", "timeout", "output", "frames", "verbose", "seed", "name",
        "preset", "fault", "view",
    ];

    public string Codec { get; private set; } = "h264";

    public int Width { get; private set; } = 640;

    public int Height { get; private set; } = 480;

    public double FrameRate { get; private set; } = 30;

    /// <summary>Bits per second; 0 leaves it to the encoder.</summary>
    public long Bitrate { get; private set; }

    public int Intra { get; private set; } = 60;

    public bool Inline { get; private set; }

    public string Profile { get; private set; } = "baseline";

    public string Level { get; private set; } = "4";

    /// <summary>How long to run; zero for ever. rpicam-vid's own default is five seconds.</summary>
    public TimeSpan Timeout { get; private set; } = TimeSpan.FromSeconds(5);

    public string Output { get; private set; } = "";

    public long Frames { get; private set; }

    public int Verbose { get; private set; } = 1;

    public uint Seed { get; private set; } = 1;

    public string Name { get; private set; } = "cam0";

    public string Preset { get; private set; } = "superfast";

    /// <summary>Frames as fast as they can be made, with times that run at the frame rate: for clips.</summary>
    public bool Unpaced { get; private set; }

    /// <summary>A fault to imitate from a frame on: <c>stall@90</c>, <c>exit@90</c> or <c>garbage@90</c>.</summary>
    public (string Kind, long Frame) Fault { get; private set; } = ("", long.MaxValue);

    /// <summary>The file that says where to look, or nothing: then the scene passes by itself.</summary>
    public string View { get; private set; } = "";

    public bool Help { get; private set; }

    public bool Version { get; private set; }

    public bool ListCameras { get; private set; }

    /// <exception cref="FormatException">A mistake, in the words to show.</exception>
    public static CameraArguments Parse(ReadOnlySpan<string> arguments)
    {
        var result = new CameraArguments();
        for (var i = 0; i < arguments.Length; i++)
        {
            var (name, value) = Split(arguments[i]);
            if (Flags.Contains(name))
            {
                if (value is null && i + 1 < arguments.Length && arguments[i + 1] is "0" or "1")
                    value = arguments[++i];
                if (value is not "0" and not "false")
                    result.SetFlag(name);
                continue;
            }

            Check(Valued.Contains(name) || WithoutEffect.Contains(name), $"unrecognised option '--{name}'");
            if (name == "verbose") // has an implicit value, so a separate word is not its own
                value ??= "2";
            else if (value is null && i + 1 < arguments.Length)
                value = arguments[++i];
            result.Set(name, value ?? throw new FormatException($"the required argument for option '--{name}' is missing"));
        }

        return result.Checked();
    }

    private static (string Name, string? Value) Split(string word)
    {
        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            return equals < 0 ? (word[2..], null) : (word[2..equals], word[(equals + 1)..]);
        }

        if (word.Length < 2 || word[0] != '-' || !Short.TryGetValue(word[1], out var name))
            throw new FormatException(word.StartsWith('-') ? $"unrecognised option '{word}'" : $"too many positional options have been specified on the command line: '{word}'");
        return (name, word.Length > 2 ? word[2..] : null);
    }

    private void SetFlag(string name)
    {
        switch (name)
        {
            case "help": Help = true; break;
            case "version": Version = true; break;
            case "list-cameras": ListCameras = true; break;
            case "inline": Inline = true; break;
            case "unpaced": Unpaced = true; break;
            default: break;
        }
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "codec": Codec = value; break;
            case "width": Width = (int)Number(name, value); break;
            case "height": Height = (int)Number(name, value); break;
            case "framerate": FrameRate = Number(name, value); break;
            case "bitrate": Bitrate = (long)Scaled(name, value, ("mbps", 1e6), ("kbps", 1e3), ("bps", 1)); break;
            case "intra": Intra = (int)Number(name, value); break;
            case "profile": Profile = value; break;
            case "level": Level = value; break;
            case "timeout": Timeout = TimeSpan.FromMilliseconds(Scaled(name, value, ("ms", 1), ("us", 1e-3), ("min", 60e3), ("sec", 1e3), ("s", 1e3))); break;
            case "output": Output = value; break;
            case "frames": Frames = (long)Number(name, value); break;
            case "verbose": Verbose = (int)Number(name, value); break;
            case "seed": Seed = (uint)Number(name, value); break;
            case "name": Name = value; break;
            case "preset": Preset = value; break;
            case "view": View = value; break;
            case "fault": Fault = ParseFault(value); break;
            default: break;
        }
    }

    private CameraArguments Checked()
    {
        Check(Codec is "h264" or "yuv420", $"unrecognised codec {Codec} (this camera has h264 and yuv420)");
        Check(Width is >= 64 and <= 4096 && Height is >= 64 and <= 4096, $"cannot make a picture of {Width}x{Height}: 64x64 to 4096x4096");
        Check((Width & 1) == 0 && (Height & 1) == 0, $"cannot make a picture of {Width}x{Height}: width and height must be even");
        Check(FrameRate is > 0 and <= 240, $"frame rate {FrameRate} is not between 0 and 240");
        Check(Profile is "baseline" or "main" or "high", $"no such profile {Profile} (baseline, main, high)");
        Check(Intra >= 0 && Bitrate >= 0 && Frames >= 0 && Timeout >= TimeSpan.Zero, "a negative value makes no sense here");
        return this;
    }

    private static void Check(bool holds, string mistake)
    {
        if (!holds)
            throw new FormatException(mistake);
    }

    private static (string Kind, long Frame) ParseFault(string value)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        Check(at > 0 && value[..at] is "stall" or "exit" or "garbage", $"no such fault {value} (stall@N, exit@N, garbage@N)");
        return (value[..at], (long)Number("fault", value[(at + 1)..]));
    }

    private static double Number(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"the argument ('{value}') for option '--{name}' is invalid");

    private static double Scaled(string name, string value, params ReadOnlySpan<(string Unit, double Factor)> units)
    {
        foreach (var (unit, factor) in units)
        {
            if (value.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                return Number(name, value[..^unit.Length]) * factor;
        }

        return Number(name, value);
    }
}
