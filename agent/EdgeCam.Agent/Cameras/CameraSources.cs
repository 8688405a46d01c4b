using System.Security.Cryptography;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>Makes the source that a camera's URI scheme names.</summary>
internal static class CameraSources
{
    private const string Schemes = "use rpicam:0 (a Raspberry Pi camera, by its index), v4l2:/dev/video0 (a device node) or file:/path/to/clip.h264";

    /// <summary>What is wrong with a camera's source, with its remedy; null where nothing is.</summary>
    public static string? FindMistake(CameraOptions options)
    {
        if (FindOwnMistake(options) is { } mistake)
            return mistake;
        if (!options.Substream.IsGiven)
            return null;
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
        return options.Source[..colon] switch
        {
            "rpicam" when rest is "" || (rest.Length <= 2 && rest.All(char.IsAsciiDigit)) => RpicamCommandLine.FindMistake(options),
            "rpicam" => $"Source '{options.Source}' of camera '{options.Name}' must end with the camera's index: use rpicam:0.",
            "v4l2" => V4l2Source.FindMistake(options),
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

    private static ICameraSource CreateOne(
        CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RegionOfInterest? region, Progress? progress, IV4l2System nodes)
    {
        if (options.Source.StartsWith("file:", StringComparison.Ordinal))
            return new FileSource(options, pool, clock, log, progress);
        if (options.Source.StartsWith(V4l2Source.Scheme, StringComparison.Ordinal))
            return new V4l2Source(options, pool, clock, drops, log, new(Jitter, V4l2Source.LongestWait), nodes, progress, region);
        var backoff = new RestartBackoff(Jitter);
        return options.AgentEncodes
            ? new SoftwareSource(options, pool, clock, drops, log, backoff, region, progress, nodes)
            : new RpicamSource(options, clock, log, backoff, feed => new H264Output(options.Name, feed, pool, clock, log), progress);
    }

    private static double Jitter() => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);
}
