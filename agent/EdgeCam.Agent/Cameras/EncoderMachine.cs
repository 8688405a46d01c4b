using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;

namespace EdgeCam.Agent.Cameras;

/// <summary>The machine's own encoders. It is looked for hardware once: what a camera consists of must not change while the agent runs.</summary>
internal sealed class EncoderMachine(IV4l2System system) : IEncoderMachine
{
    private static readonly Lazy<string?> s_software = new(FindSoftwareMistake);

    private readonly Lazy<string?> _hardware = new(() => Find(system));

    public static EncoderMachine This { get; } = new(new KernelV4l2());

    public string? HardwareEncoder => _hardware.Value;

    public string? FindMistake(CameraOptions options) => EncoderPlan.FindMistake(options) ?? (HardwareEncoder is null ? s_software.Value : null);

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

    private static string? Find(IV4l2System system) => EncoderChooser.FindNodes(system, out _) is [var first, ..] ? first : null;
}
