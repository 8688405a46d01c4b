using System.Security.Cryptography;
using EdgeCam.Agent.Cameras.Confinement;
using EdgeCam.Agent.Cameras.Confinement.Interop;
using EdgeCam.Agent.Cameras.Rtsp;
using EdgeCam.Agent.Cameras.Steering.Interop;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>Makes the source that a camera's URI scheme names.</summary>
internal static class CameraSources
{
    private const string Schemes =
        "use rpicam:0 (a Raspberry Pi camera, by its index), v4l2:/dev/video0 (a device node), rtsp://host/path (an IP camera), exec: (what command names) or file:/path/to/clip.h264";

    /// <summary>What is wrong with a camera's source, with its remedy; null where nothing is.</summary>
    public static string? FindMistake(CameraOptions options)
    {
        if (FindOwnMistake(options) is { } mistake)
            return mistake;
        if (!options.Substream.IsGiven)
            return null;
        if (options.Substream.Source!.StartsWith(ExecProgram.Scheme, StringComparison.Ordinal))
            return $"Substream.Source of camera '{options.Name}' cannot be exec:, as command is the main stream's: make it a camera of its own.";
        return options.AgentEncodes
            ? $"Substream.Source of camera '{options.Name}' is for a camera that encodes both streams itself: leave it out, or set encoder to \"camera\"."
            : FindOwnMistake(PairedSource.Second(options));
    }

    private static string? FindOwnMistake(CameraOptions options)
    {
        var colon = options.Source.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            return $"Source '{options.Source}' of camera '{options.Name}' has no scheme: {Schemes}.";
        var rest = options.Source[(colon + 1)..];
        return FindMistakeBeside(options) ?? options.Source[..colon] switch
        {
            "rpicam" when rest is "" || (rest.Length <= 2 && rest.All(char.IsAsciiDigit)) => RpicamCommandLine.FindMistake(options),
            "rpicam" => $"Source '{options.Source}' of camera '{options.Name}' must end with the camera's index: use rpicam:0.",
            "v4l2" => V4l2Source.FindMistake(options),
            "rtsp" => RtspProgram.FindMistake(options),
            "exec" => ExecProgram.FindMistake(options),
            "file" when options.AgentEncodes => $"Source '{options.Source}' of camera '{options.Name}' is H.264 already: set encoder to \"camera\".",
            "file" when rest is "" => $"Source '{options.Source}' of camera '{options.Name}' names no file: use file:/path/to/clip.h264.",
            "file" => null,
            _ => $"Source '{options.Source}' of camera '{options.Name}' has a scheme that is not known: {Schemes}.",
        };
    }

    /// <param name="region">The part of the pictures to encode, where the agent encodes them; it says so itself.</param>
    /// <param name="progress">Where its loop says that it lives: with pictures, or with attempts to have some.</param>
    /// <param name="second">The same for the loop of a substream that the camera gives.</param>
    /// <param name="system">The device nodes; null: this machine's.</param>
    /// <exception cref="ArgumentException">The options have a mistake that <see cref="FindMistake"/> names.</exception>
    public static ICameraSource Create(
        CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RegionOfInterest? region = null, Progress? progress = null,
        Progress? second = null, IV4l2System? system = null)
    {
        if (FindMistake(options) is { } mistake)
            throw new ArgumentException(mistake, nameof(options));
        var nodes = system ?? new KernelV4l2();
        return options.Substream.IsGiven
            ? new PairedSource(
                CreateOne(PairedSource.First(options), pool, clock, drops, log, region, progress, nodes),
                CreateOne(PairedSource.Second(options), pool, clock, drops, log, null, second, nodes))
            : CreateOne(options, pool, clock, drops, log, region, progress, nodes);
    }

    /// <summary>What a camera consists of, in one line; a device node says that by itself, each time that it is opened.</summary>
    public static string Describe(EncoderChoice choice)
    {
        var options = choice.Options;
        return SchemeOf(options) switch
        {
            "file" => $"plays {options.Source} in a loop",
            "v4l2" => $"opens {options.Source}: {choice.Reason}",
            "rtsp" => $"takes H.264 from {options.Source} over {options.Transport} as it is; ffmpeg reads it, confined by seccomp and "
                + (Landlock.Version is > 0 and var version ? $"Landlock {version}" : "the unit alone (this kernel has no Landlock: it can read what edgecam can)"),
            "exec" => $"runs {options.Command![0]}, which gives {(options.AgentEncodes ? "raw frames, and the agent encodes them" : "H.264")}: {choice.Reason}",
            _ when options.AgentEncodes => $"takes raw frames from rpicam-vid, and the agent encodes them: {choice.Reason}",
            _ => $"takes H.264 from {(options.Command is null ? "rpicam-vid" : options.Command[0])}{(EncoderChoice.IsSteered(options) ? ", whose encoder is to be steered" : "")}: {choice.Reason}",
        };
    }

    private static ICameraSource CreateOne(
        CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RegionOfInterest? region, Progress? progress, IV4l2System nodes)
    {
        var choice = EncoderChoice.For(options);
        options = choice.Options;
        if (SchemeOf(options) != "v4l2")
            log.Chosen(options.Name, Describe(choice));
        var backoff = new RestartBackoff(Jitter);
        return SchemeOf(options) switch
        {
            "file" => new FileSource(options, pool, clock, log, progress),
            "v4l2" => new V4l2Source(options, pool, clock, drops, log, new(Jitter, V4l2Source.LongestWait), nodes, progress, region),
            "rtsp" => new ProcessSource(
                options, new RtspProgram(options, Launcher.This), clock, log, backoff, feed => new NutOutput(options.Source, feed, pool, clock), progress),
            "exec" when !options.AgentEncodes => new ProcessSource(
                options, new ExecProgram(options), clock, log, backoff, feed => new H264Output(options.Name, feed, pool, clock, log), progress),
            "exec" => new SoftwareSource(options, new ExecProgram(options), pool, clock, drops, log, backoff, nodes, region, progress),
            _ when options.AgentEncodes => new SoftwareSource(options, new RpicamProgram(() => options, log), pool, clock, drops, log, backoff, nodes, region, progress),
            _ => new RpicamCamera(options, pool, clock, drops, log, backoff, new ChildNodes(), EncoderMachine.This, nodes, progress),
        };
    }

    /// <summary>Keys that a source of another kind has no use for: silence about them would be taken for consent.</summary>
    private static string? FindMistakeBeside(CameraOptions options)
    {
        var scheme = SchemeOf(options);
        if (options.Orientation != "normal" && scheme != "rpicam")
            return $"Orientation of camera '{options.Name}' is for rpicam: set it in the camera's own settings instead.";
        if (options.CredentialsFile is not null && scheme != "rtsp")
            return $"CredentialsFile of camera '{options.Name}' is for rtsp: remove it.";
        if (options.EncoderNode is { } node && !node.StartsWith("/dev/", StringComparison.Ordinal))
            return $"EncoderNode of camera '{options.Name}' is {node}: it must be a device node such as /dev/video11.";
        if (options.Controls is { Length: > 0 } && scheme != "v4l2")
            return $"Controls of camera '{options.Name}' are for v4l2: remove them; rpicam takes extraArguments.";
        return null;
    }

    private static string SchemeOf(CameraOptions options) => options.Source[..options.Source.IndexOf(':', StringComparison.Ordinal)];

    private static double Jitter() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);
}
