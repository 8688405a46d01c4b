using EdgeCam.Agent.Cameras.Steering;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// rpicam-vid with the hardware encoder inside it, which keeps its own way of pictures without a copy, steered from outside: bitrate and key
/// frames on demand. Where that is refused and "encoder" leaves the choice, its raw frames go to the agent's encoder from then on; else it
/// keeps its constant bitrate.
/// </summary>
/// <remarks>A substream is not to be had here: rpicam-vid gives one picture. After a change to raw frames there is none, either.</remarks>
internal sealed class RpicamCamera : ICameraSource
{
    private readonly CameraOptions _options;
    private readonly AccessUnitPool _pool;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly IChildNodes _nodes;
    private readonly IEncoderMachine _machine;
    private readonly EncoderControl _control;
    private readonly CameraEncoders _encoders; // for its raw frames
    private readonly SteeringState _state = new();
    private readonly ProcessSource _source;
    private volatile bool _isRaw;
    private string _told = "";

    public RpicamCamera(
        CameraOptions options, AccessUnitPool pool, Func<Instant> clock, DropCounters drops, ILogger log, RestartBackoff backoff, IChildNodes nodes, IEncoderMachine machine,
        IV4l2System system, Progress? progress = null)
    {
        (_options, _pool, _clock, _drops, _log, _nodes, _machine) = (options, pool, clock, drops, log, nodes, machine);
        _encoders = new(options, pool, clock, log, system, region: null);
        _control = _encoders.Main;
        _source = new(options, new RpicamProgram(() => _isRaw ? Raw : _options, log), clock, log, backoff, Open, progress);
    }

    public bool HasLiveBitrate => _isRaw ? _control.HasLiveBitrate : _state.IsHeld;

    /// <summary>For the program; which encoder takes them is the chooser's.</summary>
    private CameraOptions Raw => _options with { Encoder = "software", Substream = _options.Substream with { Enabled = false } };

    public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => _source.RunAsync(sink, stop);

    public bool RequestKeyFrame()
    {
        if (_isRaw ? !_control.CanForceKeyFrame : !_state.GivesKeyFrames)
            return false;
        _control.RequestKeyFrame();
        return true;
    }

    public void SetBitrate(long bitsPerSecond) => _control.Bitrate = bitsPerSecond;

    private ICameraOutput Open(CameraFeed feed)
    {
        _control.TryTakeKeyFrameRequest(); // a run begins with one
        if (_isRaw)
        {
            var plan = EncoderPlan.From(Raw);
            return new RawOutput(plan, _encoders.Open(plan, feed), _clock, _drops);
        }

        var output = new H264Output(_options.Name, feed, _pool, _clock, _log);
        return EncoderChoice.IsSteered(_options)
            ? new SteeredOutput(output, new EncoderLink(_options.Name, _control, _state, _nodes, _log), _clock, Refused)
            : output;
    }

    /// <returns>True where raw frames are to be had instead.</returns>
    private bool Refused(string reason)
    {
        var mistake = _options.Encoder == "auto" ? _machine.FindMistake(Raw) : "encoder is \"camera\" in the configuration";
        _isRaw = mistake is null;
        if (reason != _told)
            _log.EncoderNotSteered(_options.Name, reason, mistake is null ? "From now on the agent encodes its raw frames." : $"It keeps its bitrate ({mistake.TrimEnd('.')}).");
        _told = reason;
        return _isRaw;
    }
}
