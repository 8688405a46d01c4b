using System.Net;
using EdgeCam.Agent.Cameras.Confinement;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>
/// ffmpeg as the reader of an IP camera: it speaks RTSP and RTP, takes the H.264 as it is (<c>-c copy</c>), and writes it with its timestamps as
/// NUT. What comes from the network is parsed in that process alone, which is confined. Address and password reach it by its stdin, as a
/// list of one file for its "concat" reader: argument lists are for everybody to read.
/// </summary>
/// <param name="find">Looks a <c>.local</c> name up; null: by the system.</param>
/// <remarks>Left out: RTSP over TLS and over HTTP, audio, H.265, a key frame on request (RTSP has none; cameras' own interfaces do).</remarks>
internal sealed class RtspProgram(CameraOptions options, Launcher launcher, Func<string, IPAddress?>? find = null) : ICameraProgram
{
    /// <summary>What a camera that is silent is given, in microseconds; ffmpeg then ends.</summary>
    private const int SilenceMicroseconds = 5_000_000;

    /// <summary>How much it looks at before it begins: an SPS, which comes with the session's description or the first key frame.</summary>
    private const int AnalysisMicroseconds = 500_000;

    private readonly RtspAddress _address = RtspAddress.Parse(options.Source, out _)!;
    private readonly Func<string, IPAddress?> _find = find ?? LocalName.Find;
    private RtspCredentials? _credentials;
    private IPAddress? _found;

    /// <summary>Their key frames come when they come.</summary>
    public TimeSpan KeyFramePatience { get; } = TimeSpan.FromSeconds(90);

    public string Input => $"""
        ffconcat version 1.0
        file '{_address.With(_credentials, _found)}'
        option rtsp_transport {options.Transport}
        option timeout {SilenceMicroseconds}
        option allowed_media_types video
        option analyzeduration {AnalysisMicroseconds}

        """;

    public static string? FindMistake(CameraOptions options)
    {
        var camera = $"Source '{options.Source}' of camera '{options.Name}'";
        if (RtspAddress.Parse(options.Source, out var mistake) is null)
            return mistake.Contains("user and password", StringComparison.Ordinal) ? $"Source of camera '{options.Name}' {mistake}." : $"{camera} {mistake}.";
        if (options.Command is not null || options.ExtraArguments is { Length: > 0 })
            return $"{camera} is read by ffmpeg: remove command and extraArguments, which are for rpicam and exec.";
        return options.AgentEncodes ? $"{camera} is H.264 already: set encoder to \"camera\"." : null;
    }

    public (string? Path, string Reason) Find()
    {
        _credentials = null;
        if (options.CredentialsFile is { } file && (_credentials = RtspCredentials.Read(file, out var mistake)) is null)
            return (null, mistake);
        if (ChildProgram.Find("ffmpeg") is null)
            return (null, "ffmpeg is not installed, which reads IP cameras: apt install ffmpeg.");
        _found = LocalName.Is(_address.Host) ? _find(_address.Host) : null;
        return launcher.Path is { } path ? (path, "") : (null, $"ffmpeg cannot be confined: {Launcher.Mistake}");
    }

    public IReadOnlyList<string> Arguments() =>
    [
        .. Launcher.Arguments(_address.Port),
        ChildProgram.Find("ffmpeg")!,
        "-hide_banner", "-loglevel", "error", "-nostdin",
        "-protocol_whitelist", "pipe,rtsp,rtp,udp,tcp",
        "-analyzeduration", "0", "-probesize", "32",
        "-safe", "0", "-f", "concat", "-i", "pipe:0",
        "-map", "0:v:0", "-c", "copy", "-f", "nut", "-flush_packets", "1", "pipe:1",
    ];

    public string Describe(string path, IReadOnlyList<string> arguments) => $"ffmpeg for {_address.Text}";

    public string Clean(string line) => RtspFaults.Clean(line, _credentials);

    public CameraEnding Judge(IReadOnlyList<string> lines, long pictures) => RtspFaults.Explain(_address, lines, _credentials, options.Transport);
}
