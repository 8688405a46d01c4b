using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Cameras;

/// <summary>One camera, as configured.</summary>
/// <param name="Name">How viewers ask for it.</param>
/// <param name="Source">Where its pictures come from: <c>rpicam:0</c> (the sensor's index), <c>v4l2:/dev/video0</c> (a device node), <c>rtsp://host/path</c> (an IP camera), <c>exec:</c> (what <c>command</c> names) or <c>file:/path/clip.h264</c>.</param>
/// <param name="Bitrate">Bits per second; where the agent encodes, at most so many.</param>
/// <param name="KeyFrameInterval">Pictures from one IDR picture to the next.</param>
/// <param name="Profile"><c>baseline</c> or <c>main</c>: browsers' offers have no High.</param>
/// <param name="Level">H.264 level; null lets the agent take the lowest from 4 on that size, rate and bitrate fit in.</param>
/// <param name="Command">What to run in place of rpicam-vid: a program and its first arguments, the agent's own follow. With <c>exec:</c>, the program and all its arguments.</param>
/// <param name="ExtraArguments">Appended to rpicam-vid's command line (exposure, tuning file, overlay, ...).</param>
/// <param name="StallTimeoutSeconds">No picture for so long counts as stalled: the camera is restarted.</param>
/// <param name="Encoder">
/// <c>auto</c>: see <see cref="EncoderChoice"/>. <c>camera</c>: its own H.264 only; rpicam-vid's hardware encoder is steered where that is
/// possible. <c>hardware</c> and <c>software</c>: it gives raw frames, and the agent encodes them by the board's encoder or by libx264.
/// </param>
/// <param name="EncoderNode">The board's encoder, where the one that is found should not be taken: <c>/dev/video11</c>.</param>
/// <param name="Controls">Of a device node: the picture's controls, set each time it is opened, in this order: <c>brightness=128</c>.</param>
/// <param name="MinBitrate">Where the agent encodes: viewers who cannot carry so much take the substream instead of slowing the others down.</param>
/// <param name="Orientation">What the camera does to its picture before anything else: <c>normal</c>, <c>rotate180</c>, <c>mirror</c> (left and right), <c>flip</c> (top and bottom); rpicam only.</param>
/// <param name="Transport">How RTP comes from an IP camera: <c>tcp</c> or <c>udp</c>.</param>
/// <param name="CredentialsFile">A file with <c>user:password</c> for an IP camera.</param>
internal sealed record CameraOptions(
    [property: Required, Word("a-z0-9-", 32, ErrorMessage = "{0} must be 1 to 32 characters of a-z, 0-9 and '-'.")] string Name,
    [property: Required] string Source,
    [property: Range(64, 4096)] int Width = 1280,
    [property: Range(64, 4096)] int Height = 720,
    [property: Range(1, 120)] int FrameRate = 30,
    [property: Range(100_000, 25_000_000)] int Bitrate = 2_000_000,
    [property: Range(1, 600)] int KeyFrameInterval = 60,
    [property: OneOf("baseline", "main")] string Profile = "baseline",
    [property: OneOf("3.1", "3.2", "4", "4.0", "4.1", "4.2", "5", "5.0", "5.1")] string? Level = null,
    string[]? Command = null,
    string[]? ExtraArguments = null,
    [property: Range(1, 60)] int StallTimeoutSeconds = 3,
    [property: OneOf("auto", "camera", "hardware", "software")] string Encoder = "auto",
    [property: Range(60_000, 25_000_000)] int MinBitrate = 500_000,
    [property: OneOf("normal", "rotate180", "mirror", "flip")] string Orientation = "normal",
    [property: OneOf("tcp", "udp")] string Transport = "tcp",
    string? CredentialsFile = null,
    SubstreamOptions? Substream = null,
    string? EncoderNode = null,
    string[]? Controls = null)
{
    [ValidateObjectMembers]
    public SubstreamOptions Substream { get; init => field = value ?? new(); } = Substream ?? new();

    /// <summary>The agent encodes, whatever the camera could do.</summary>
    public bool AgentEncodes => Encoder is "software" or "hardware";

    /// <summary>The agent encodes, or will where the camera turns out not to.</summary>
    public bool MayEncode => AgentEncodes || (Encoder == "auto" && Source.StartsWith("v4l2:", StringComparison.Ordinal));
}
