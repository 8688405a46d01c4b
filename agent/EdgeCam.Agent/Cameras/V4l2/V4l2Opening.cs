using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Opens a camera's node each time anew, with what makes pictures of its buffers. What it gives away is disposed by whoever has it.</summary>
internal sealed class V4l2Opening
{
    private readonly CameraOptions _options;
    private readonly AccessUnitPool _pool;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly IV4l2System _system;
    private readonly CameraEncoders _encoders;

    public V4l2Opening(CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, IV4l2System system, RegionOfInterest? region)
    {
        (_options, _pool, _clock, _drops, _log, _system) = (options, pool, clock, drops, log, system);
        _encoders = new(options, pool, clock, log, system, region);
    }

    public EncoderControl Main => _encoders.Main;

    /// <summary>Null where there is none.</summary>
    public SubstreamSource? Substream => _encoders.Substream;

    /// <returns>A node that streams and how it was set up; or why there is none.</returns>
    public (V4l2Stream? Stream, V4l2Choice? Choice, V4l2Ending? Ending) Open(string path, CameraFeed feed)
    {
        IV4l2Node? node = null;
        V4l2Setup? setup = null;
        IV4l2Pictures? pictures = null;
        V4l2Ending? ending;
        try
        {
            node = _system.Open(path);
            setup = new(_options, path, node, JpegDecoder.IsAvailable);
            (var choice, ending) = setup.Run();
            if (choice is not null)
            {
                if (!choice.IsH264)
                    pictures = Encode(path, node, choice, feed); // before the camera is at work: it may take a while
                node.Start();
                pictures ??= new H264Pictures(_options, path, node, choice, Main, feed, _pool, _clock(), _drops, _log);
                return (new(_options, path, node, choice.IsLoopback, pictures, _system, _clock, _drops), choice, null);
            }
        }
        catch (V4l2Exception failure)
        {
            ending = V4l2Faults.Explain(path, failure, setup?.IsLoopback == true);
        }
        catch (EncoderException failure)
        {
            ending = V4l2Faults.NoEncoder(failure.Message);
        }

        pictures?.Dispose();
        node?.Dispose();
        return (null, null, ending);
    }

    private RawPictures Encode(string path, IV4l2Node node, V4l2Choice choice, CameraFeed feed)
    {
        var format = choice.Format;
        var isJpeg = new V4l2PixelFormat(format.FourCc, "").IsJpeg;
        var colour = isJpeg ? new(IsBt601: true, IsFullRange: true) : format.Colour.Meaning; // JFIF
        var rate = choice.Rate is { } own ? Math.Clamp((int)Math.Round(own), 1, _options.FrameRate) : _options.FrameRate;
        var plan = EncoderPlan.From(_options, format.Width, format.Height, rate, colour);
        var jpeg = isJpeg ? JpegDecoder.Open(AvLibrary.Load()) : null;
        AgentEncoders? encoders = null;
        try
        {
            encoders = _encoders.Open(plan, feed);
            return new(path, node, format, plan, encoders, jpeg, _drops);
        }
        catch
        {
            jpeg?.Dispose();
            encoders?.Dispose();
            throw;
        }
    }
}
