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
        "use rpicam:0 (a Raspberry Pi camera, by its index), v4l2:/dev/video0 (a device node that gives H.264), rtsp://host/path (an IP camera), exec: (what command names) or file:/path/to/clip.h264";

    /// <summary>What is wrong with a camera's source, with its remedy; null where nothing is.</summary>
    public static string? FindMistake(CameraOptions options)
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
            "file" when options.UsesSoftwareEncoder => $"Source '{options.Source}' of camera '{options.Name}' is H.264 already: set encoder to \"camera\".",
            "file" when rest is "" => $"Source '{options.Source}' of camera '{options.Name}' names no file: use file:/path/to/clip.h264.",
            "file" => null,
            _ => $"Source '{options.Source}' of camera '{options.Name}' has a scheme that is not known: {Schemes}.",
        };
    }

    /// <param name="region">The part of the pictures to encode, where the agent encodes them; it says so itself.</param>
    /// <param name="progress">Where its loop says that it lives: with pictures, or with attempts to have some.</param>
    /// <exception cref="ArgumentException">The options have a mistake that <see cref="FindMistake"/> names.</exception>
    public static ICameraSource Create(
        CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RegionOfInterest? region = null, Progress? progress = null)
    {
        if (FindMistake(options) is { } mistake)
            throw new ArgumentException(mistake, nameof(options));
        var choice = EncoderChoice.For(options);
        options = choice.Options;
        log.Chosen(options.Name, Describe(choice));
        var backoff = new RestartBackoff(Jitter);
        return options.Source[..options.Source.IndexOf(':', StringComparison.Ordinal)] switch
        {
            "file" => new FileSource(options, pool, clock, log, progress),
            "v4l2" => new V4l2Source(options, pool, clock, drops, log, new(Jitter, V4l2Source.LongestWait), new KernelV4l2(), progress),
            "rtsp" => new ProcessSource(
                options, new RtspProgram(options, Launcher.This), clock, log, backoff, feed => new NutOutput(options.Source, feed, pool, clock), progress),
            "exec" when !options.UsesSoftwareEncoder => new ProcessSource(
                options, new ExecProgram(options), clock, log, backoff, feed => new H264Output(options.Name, feed, pool, clock, log), progress),
            "exec" => new SoftwareSource(options, new ExecProgram(options), pool, clock, drops, log, backoff, region, progress),
            _ when options.UsesSoftwareEncoder => new SoftwareSource(options, new RpicamProgram(() => options, log), pool, clock, drops, log, backoff, region, progress),
            _ => new RpicamCamera(options, pool, clock, drops, log, backoff, new ChildNodes(), EncoderMachine.This, progress),
        };
    }

    /// <summary>Keys that a source of another kind has no use for: silence about them would be taken for consent.</summary>
    private static string? FindMistakeBeside(CameraOptions options)
    {
        var isRpicam = options.Source.StartsWith("rpicam:", StringComparison.Ordinal);
        if (options.Orientation != "normal" && !isRpicam)
            return $"Orientation of camera '{options.Name}' is for rpicam: set it in the camera's own settings instead.";
        if (options.CredentialsFile is not null && !options.Source.StartsWith(RtspAddress.Scheme, StringComparison.Ordinal))
            return $"CredentialsFile of camera '{options.Name}' is for rtsp: remove it.";
        return null;
    }

    /// <summary>What a camera consists of, in one line.</summary>
    private static string Describe(EncoderChoice choice)
    {
        var options = choice.Options;
        return options.Source[..options.Source.IndexOf(':', StringComparison.Ordinal)] switch
        {
            "file" => $"plays {options.Source} in a loop",
            "v4l2" => $"reads H.264 from {options.Source}",
            "rtsp" => $"takes H.264 from {options.Source} over {options.Transport} as it is; ffmpeg reads it, confined by seccomp and "
                + (Landlock.Version is > 0 and var version ? $"Landlock {version}" : "the unit alone (this kernel has no Landlock)"),
            "exec" => $"runs {options.Command![0]}, which gives {(options.UsesSoftwareEncoder ? "raw frames; the agent encodes them with libx264" : "H.264")}: {choice.Reason}",
            _ when options.UsesSoftwareEncoder => $"takes raw frames from rpicam-vid and encodes them with libx264: {choice.Reason}",
            _ => $"takes H.264 from {(options.Command is null ? "rpicam-vid" : options.Command[0])}{(EncoderChoice.IsSteered(options) ? ", whose encoder is to be steered" : "")}: {choice.Reason}",
        };
    }

    private static double Jitter() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);
}
