using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>Raw frames from a program, encoded by the agent, by libx264 or the board's encoder: main stream and substream from one sensor, with bitrate and key frames on demand.</summary>
internal sealed class SoftwareSource : ICameraSource
{
    private readonly EncoderPlan _plan;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly CameraEncoders _encoders;
    private readonly ProcessSource _source;

    /// <param name="system">Where the board's encoder is.</param>
    /// <param name="region">The part of the pictures to encode; null: always all of them.</param>
    public SoftwareSource(
        CameraOptions options, ICameraProgram program, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RestartBackoff backoff, IV4l2System system,
        RegionOfInterest? region = null, Progress? progress = null)
    {
        (_clock, _drops) = (clock, drops);
        _plan = EncoderPlan.From(options);
        _encoders = new(options, pool, clock, log, system, region);
        _source = new(options, program, clock, log, backoff, Open, progress);
    }

    public ICameraSource? Substream => _encoders.Substream;

    public bool HasLiveBitrate => _encoders.Main.HasLiveBitrate;

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => _source.RunAsync(sink, stop);

    public bool RequestKeyFrame() => _encoders.Main.TryRequestKeyFrame();

    public void SetBitrate(long bitsPerSecond) => _encoders.Main.Bitrate = bitsPerSecond;

    private RawOutput Open(CameraFeed feed) => new(_plan, _encoders.Open(_plan, feed), _clock, _drops);
}
