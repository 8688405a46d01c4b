using EdgeCam.Sims.Common;
using EdgeCam.Sims.Feed.Interop;

namespace EdgeCam.Sims.Feed;

/// <summary>
/// The verb <c>feed</c>: plays an H.264 clip into a video device of the kernel for ever, so that whoever reads the other side finds a camera
/// that encodes by itself, as many USB cameras and the Raspberry Pi's legacy driver do.
/// </summary>
internal static class FeedCommand
{
    private const string HelpText = """
        Usage: edgecam-sims feed --device DEVICE --file CLIP [OPTIONS]    a camera that gives H.264, until SIGTERM

          --device /dev/video20     a device of v4l2loopback; "ready DEVICE WIDTHxHEIGHT" is printed with its first picture
          --file CLIP.h264          Annex B that begins with SPS, PPS and an IDR picture; it is played again and again
          --fps 30                  pictures per second (1 to 240), each when it is due on an absolute schedule
          --width W, --height H     what the device says of itself; else what the clip's own SPS says
        """;

    public static int Run(ReadOnlySpan<string> words)
    {
        string[] all = [.. words];
        return SimulationHost.Guard("feed", HelpText, () => Run(Options.Parse(all, ["device", "file", "fps", "width", "height"], [])));
    }

    private static int Run(Options options)
    {
        if (options.Help)
        {
            Console.WriteLine(HelpText);
            return 0;
        }

        var path = options.Required("device");
        var clip = H264Clip.Read(options.Required("file"));
        var width = options.Integer("width", clip.Width, 1, 16_384);
        var height = options.Integer("height", clip.Height, 1, 16_384);
        var frameRate = options.Number("fps", 30, 1, 240);
        using var stop = new StopSignal();
        using var device = VideoOutput.Open(path, width, height, clip.LargestAccessUnit, frameRate);

        var clock = new FrameClock(frameRate, unpaced: false);
        long slot = 0;
        for (var next = 0; !stop.IsRequested; next = (next + 1) % clip.Count)
        {
            // A feeder that was held up leaves out moments, never pictures: each one builds on the one before.
            slot = clock.WaitFor(slot) + 1;
            device.Write(clip[next]);
            if (slot == 1)
            {
                Console.Out.WriteLine($"ready {path} {width}x{height}");
                Console.Out.Flush();
            }
        }

        return 0;
    }
}
