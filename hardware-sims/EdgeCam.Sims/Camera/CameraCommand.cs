using System.Diagnostics;
using System.Globalization;
using EdgeCam.Sims.Camera.Interop;
using EdgeCam.Sims.Camera.Scene;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Camera;

/// <summary>
/// The verb <c>camera</c>: rpicam-vid's command line, stdout and manner of speaking, with a drawn scene in front of the lens.
/// </summary>
/// <remarks>
/// Left out: MJPEG and libav containers, network outputs, split and circular files, previews, metadata and pts files, audio. The options
/// that steer a real sensor (exposure, focus, rotation, ...) are taken and have no effect.
/// </remarks>
internal static class CameraCommand
{
    private const int Failure = 255; // as rpicam-vid: return -1

    public static int Run(ReadOnlySpan<string> words)
    {
        try
        {
            var arguments = CameraArguments.Parse(words);
            if (arguments.Help)
                Console.WriteLine(HelpText);
            else if (arguments.Version)
                Console.WriteLine("rpicam-apps (simulated by edgecam-sims)");
            else if (arguments.ListCameras)
                Console.WriteLine("Available cameras\n-----------------\n0 : simulated [4096x4096 8-bit] (edgecam-sims)");
            else
                return Stream(arguments);
            return 0;
        }
        catch (Exception mistake) when (mistake is FormatException or EncoderException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"ERROR: *** {mistake.Message} ***");
            return Failure;
        }
    }

    private static int Stream(CameraArguments arguments)
    {
        using var encoder = arguments.Codec == "h264" ? X264Encoder.Open(arguments) : null;
        using var output = new CameraOutput(arguments.Output);
        using var view = arguments.View is "" ? null : ViewFile.Open(arguments.View);
        IScene scene = view is null ? new Panorama(arguments) : new ViewScene(arguments, view.Read);
        if (arguments.Verbose > 0)
            Console.Error.WriteLine($"Mode selection for {arguments.Width}:{arguments.Height}:8:P(0)\nINFO Camera simulated, stream {arguments.Width}x{arguments.Height}-YUV420/Rec709");
        if (encoder is not null && !arguments.Inline && !output.TryWrite(encoder.Headers()))
            return Failure;

        var clock = new FrameClock(arguments.FrameRate, arguments.Unpaced);
        var last = arguments.Timeout == TimeSpan.Zero ? long.MaxValue : (long)(arguments.Timeout.TotalSeconds * arguments.FrameRate);
        last = arguments.Frames > 0 ? Math.Min(last, arguments.Frames) : last;
        for (long frame = 0, encoded = 0; (frame = clock.WaitFor(frame)) < last; frame++, encoded++)
        {
            var started = Stopwatch.GetTimestamp();
            if (frame >= arguments.Fault.Frame)
            {
                if (!Misbehave(arguments.Fault.Kind, output))
                    return Failure;
                continue;
            }

            scene.Draw((uint)frame, clock.CaptureTime(frame));
            var bytes = encoder is null ? scene.Picture.Bytes : encoder.Encode(scene.Picture, encoded);
            if (!output.TryWrite(bytes))
                return Failure;
            if (arguments.Verbose > 1)
                Report(arguments, frame, bytes.Length, started);
        }

        return 0;
    }

    private static void Report(CameraArguments arguments, long frame, int bytes, long started) =>
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"#{frame} ({arguments.FrameRate:0.00} fps) exp 33239.00 ag 1.00 dg 1.00 bytes {bytes} ms {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0}"));

    /// <returns>False where the process shall end.</returns>
    private static bool Misbehave(string kind, CameraOutput output)
    {
        switch (kind)
        {
            case "stall":
                Console.Error.WriteLine("WARN V4L2 Dequeue timer of 1000000.00us has expired!");
                Thread.Sleep(System.Threading.Timeout.Infinite);
                return false;
            case "garbage":
                var noise = new byte[4096];
                new Random(1).NextBytes(noise);
                return output.TryWrite(noise);
            default:
                Console.Error.WriteLine("ERROR: *** Camera frontend has timed out! ***");
                return false;
        }
    }

    private const string HelpText = """
        Valid options are:
          -h, --help                 Print this help message
              --version              Displays the build version
              --list-cameras         Lists the available cameras
          -v, --verbose[=2]          0 quiet, 1 normal, 2 a line per frame
          -t, --timeout 5000         Time for which to run (ms, or with unit s, min); 0 for ever
          -o, --output FILE          Output file, or - for stdout
              --codec h264           h264 or yuv420
              --width 640, --height 480, --framerate 30
          -b, --bitrate BPS          Bits per second (or with unit kbps, mbps)
          -g, --intra 60             Frames from one IDR picture to the next
              --inline               SPS and PPS before every IDR picture
              --profile baseline     baseline, main or high
              --level 4              H.264 level
              --frames N             Frames to make
          -n, --nopreview, --flush, --low-latency and the options of a real sensor are taken and have no effect.

        Of the simulation:
              --name cam0            Drawn into the picture, and coded into its cells
              --seed 1               Another landscape
              --preset superfast     libx264's preset
              --view FILE            Look where a simulated head looks, and show the lamps of a simulated GPIO chip
              --unpaced              As fast as possible, with times that run at the frame rate
              --fault KIND@FRAME     stall, exit or garbage from a frame on
        """;
}
