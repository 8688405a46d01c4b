using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;

namespace EdgeCam.Agent.Cameras;

/// <summary>The machine's own encoders. It is looked for hardware once: what a camera consists of must not change while the agent runs.</summary>
internal sealed class EncoderMachine(IV4l2System system, Func<IEnumerable<string>> nodes) : IEncoderMachine
{
    private static readonly Lazy<string?> s_software = new(FindSoftwareMistake);

    private readonly Lazy<string?> _hardware = new(() => Find(system, nodes()));

    public static EncoderMachine This { get; } = new(new KernelV4l2(), static () => Directory.Exists("/dev") ? Directory.EnumerateFiles("/dev", "video*").Order(StringComparer.Ordinal) : []);

    public string? HardwareEncoder => _hardware.Value;

    public string? FindMistake(CameraOptions options) => EncoderPlan.FindMistake(options) ?? s_software.Value;

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

    /// <summary>An encoder of H.264 is known by its controls; decoders and scalers have neither.</summary>
    private static string? Find(IV4l2System system, IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            try
            {
                using var node = system.Open(path);
                var device = node.Identify();
                if ((device.Capabilities & (V4l2Capabilities.MemoryToMemory | V4l2Capabilities.MemoryToMemoryMultiPlanar)) != 0
                    && node.FindControl(V4l2Control.Bitrate) is not null && node.FindControl(V4l2Control.Profile) is not null)
                {
                    return $"{path} ({device.Driver})";
                }
            }
            catch (V4l2Exception)
            {
                // A node of another kind, or not for this user.
            }
        }

        return null;
    }
}
