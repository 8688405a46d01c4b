using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>Raw frames from a program, encoded by the agent, by libx264 or the board's encoder: main stream and substream from one sensor, with bitrate and key frames on demand.</summary>
internal sealed class SoftwareSource : ICameraSource
{
    private readonly CameraOptions _options;
    private readonly EncoderPlan _plan;
    private readonly AccessUnitPool _pool;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly EncoderControl _main;
    private readonly EncoderControl _sub;
    private readonly SubstreamSource? _substream;
    private readonly ProcessSource _source;
    private readonly RegionOfInterest? _region;
    private readonly EncoderChooser _chooser;

    /// <param name="system">Where the board's encoder is; null: this machine.</param>
    /// <param name="region">The part of the pictures to encode; null: always all of them.</param>
    public SoftwareSource(
        CameraOptions options, ICameraProgram program, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RestartBackoff backoff,
        RegionOfInterest? region = null, Progress? progress = null, IV4l2System? system = null)
    {
        (_options, _pool, _clock, _drops, _log, _region) = (options, pool, clock, drops, log, region);
        _plan = EncoderPlan.From(options);
        _main = new(_plan.Main.Bitrate);
        _sub = new(_plan.Substream?.Bitrate ?? 0);
        _substream = _plan.Substream is null ? null : new(_sub);
        _chooser = new(options, system ?? new KernelV4l2(), clock, log);
        _source = new(options, program, clock, log, backoff, Open, progress);
    }

    public ICameraSource? Substream => _substream;

    public bool HasLiveBitrate => _main.HasLiveBitrate;

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => _source.RunAsync(sink, stop);

    public bool RequestKeyFrame()
    {
        if (!_main.CanForceKeyFrame)
            return false;
        _main.RequestKeyFrame();
        return true;
    }

    public void SetBitrate(long bitsPerSecond) => _main.Bitrate = bitsPerSecond;

    private RawOutput Open(CameraFeed feed)
    {
        var main = new EncoderOutput(_plan.Main, _main, feed, _pool, _chooser.Open);
        var sub = _substream?.Sink is { } sink
            ? new SubstreamOutput(_plan, _sub, new($"{_options.Name} (substream)", sink, _log), _pool, _chooser.OpenBeside, _chooser.BlameBeside)
            : null;
        return new(_plan, new(main, sub, _region is null ? null : new(_plan.Main, _region), _chooser.Blame), _clock, _drops);
    }
}
