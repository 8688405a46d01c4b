using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// The machine's own encoders. A hardware encoder that was found stays: what a camera consists of must not come and go while the agent runs.
/// That there is none is not kept: at the boot the agent may be there before the driver, and a camera that starts again later has it then. A
/// camera that was made up without it has a substream, which its program then does not give: streams are used to that from device nodes.
/// </summary>
internal sealed class EncoderMachine(IV4l2System system) : IEncoderMachine
{
    private static readonly Lazy<string?> s_software = new(FindSoftwareMistake);

    private volatile string? _hardware;

    public static EncoderMachine This { get; } = new(new KernelV4l2());

    /// <summary>Why libx264 cannot be used; null where it can.</summary>
    public static string? SoftwareMistake => s_software.Value;

    public string? FindHardware(out string reason)
    {
        reason = "";
        return _hardware ??= EncoderChooser.FindNodes(system, out reason) is [var first, ..] ? first : null;
    }

    public string? FindMistake(CameraOptions options) => EncoderPlan.FindMistake(options) ?? (FindHardware(out _) is null ? SoftwareMistake : null);

    private static string? FindSoftwareMistake()
    {
        try
        {
            using var encoder = H264Encoder.Open(AvLibrary.Load(), new(320, 240, FrameRate: 30, Bitrate: 300_000, KeyFrameInterval: 30));
            return null;
        }
        catch (EncoderException failure)
        {
            return failure.Message;
        }
    }
}
