using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>What cameras log: 3000 to 3099.</summary>
internal static partial class CameraLog
{
    [LoggerMessage(3000, LogLevel.Information, "Camera {Camera}: starting")]
    public static partial void Starting(this ILogger log, string camera);

    [LoggerMessage(3001, LogLevel.Information, "Camera {Camera}: live")]
    public static partial void Live(this ILogger log, string camera);

    [LoggerMessage(3002, LogLevel.Warning, "Camera {Camera}: lost. {Reason}")]
    public static partial void Lost(this ILogger log, string camera, string reason);

    [LoggerMessage(3003, LogLevel.Error, "Camera {Camera}: refused. {Reason}")]
    public static partial void Refused(this ILogger log, string camera, string reason);

    [LoggerMessage(3004, LogLevel.Information, "Camera {Camera}: sends {Width}x{Height}, profile-level-id {Profile}")]
    public static partial void StreamFound(this ILogger log, string camera, int width, int height, ProfileLevelId profile);

    [LoggerMessage(3005, LogLevel.Information, "Camera {Camera}: runs {CommandLine} as process {ProcessId}")]
    public static partial void ProcessStarted(this ILogger log, string camera, string commandLine, int processId);

    [LoggerMessage(3006, LogLevel.Information, "Camera {Camera}: starts again in {Delay:0.0} s")]
    public static partial void Restarting(this ILogger log, string camera, double delay);

    [LoggerMessage(3007, LogLevel.Information, "Camera {Camera}: its process said:\n{Lines}")]
    public static partial void ProcessSaid(this ILogger log, string camera, string lines);

    [LoggerMessage(3008, LogLevel.Warning, "Camera {Camera}: pictures come in pieces more than {Milliseconds} ms apart; now waiting {Longer} ms before a picture counts as whole")]
    public static partial void FlushedTooEarly(this ILogger log, string camera, int milliseconds, int longer);

    [LoggerMessage(3009, LogLevel.Information, "Camera {Camera}: this rpicam-vid does not know {Option}; it is left out")]
    public static partial void OptionDropped(this ILogger log, string camera, string option);

    [LoggerMessage(3010, LogLevel.Information, "Camera {Camera}: reads {Choice}")]
    public static partial void NodeStarted(this ILogger log, string camera, string choice);

    [LoggerMessage(3011, LogLevel.Warning, "Camera {Camera}: its buffers hold parts of pictures; now each picture is given on when the next one begins")]
    public static partial void PicturesInPieces(this ILogger log, string camera);

    [LoggerMessage(3020, LogLevel.Information, "Camera {Camera}: encoded {Choice}")]
    public static partial void EncoderChosen(this ILogger log, string camera, string choice);

    [LoggerMessage(3030, LogLevel.Information, "Camera {Camera}: {Choice}")]
    public static partial void Chosen(this ILogger log, string camera, string choice);

    [LoggerMessage(3031, LogLevel.Information, "Camera {Camera}: the hardware encoder of its program follows viewers' networks: {Encoder}")]
    public static partial void EncoderSteered(this ILogger log, string camera, string encoder);

    [LoggerMessage(3032, LogLevel.Warning, "Camera {Camera}: the encoder of its program cannot be steered: {Reason}. {Instead}")]
    public static partial void EncoderNotSteered(this ILogger log, string camera, string reason, string instead);

    [LoggerMessage(3040, LogLevel.Error, "Camera {Camera}: a fault of edgecam's own ended its run")]
    public static partial void RunFaulted(this ILogger log, string camera, Exception bug);
}
