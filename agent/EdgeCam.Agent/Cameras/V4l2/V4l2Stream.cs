using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// One run of a node that streams: each filled buffer becomes an access unit, copied once, from the driver's buffer into the unit's block.
/// It begins with the first IDR picture that has SPS and PPS. Belongs to the camera's thread.
/// </summary>
internal sealed class V4l2Stream : IDisposable
{
    private const int WaitMs = 250;
    private const int Hopeless = 100; // buffers without a start code, from the beginning

    /// <summary>After STREAMON a USB camera takes a second or two to its first picture.</summary>
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Older than that, a driver's time cannot be true: a picture waits in four buffers at most.</summary>
    private static readonly TimeSpan s_oldest = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_keyFrameInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_emptyWake = TimeSpan.FromMilliseconds(2);

    private readonly CameraOptions _options;
    private readonly string _path;
    private readonly IV4l2Node _node;
    private readonly V4l2Choice _choice;
    private readonly IV4l2System _system;
    private readonly CameraFeed _feed;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly ILogger _log;
    private readonly PictureReader _reader;
    private Instant _lastBuffer;
    private Instant _lastPicture;
    private Instant _nextKeyFrameRequest;
    private Instant? _firstPicture;
    private uint? _sequence;
    private long _cut;
    private int _nonsense;
    private bool _isAnnexB;
    private bool _canForceKeyFrame;
    private bool _endsPictures = true;
    private bool _isKeyFrameDue = true;

    public V4l2Stream(
        CameraOptions options, string path, IV4l2Node node, V4l2Choice choice, IV4l2System system, CameraFeed feed, AccessUnitPool pool, Func<Instant> clock,
        DropCounters drops, ILogger log)
    {
        (_options, _path, _node, _choice, _system, _feed, _clock, _drops, _log) = (options, path, node, choice, system, feed, clock, drops, log);
        _reader = new(pool);
        _canForceKeyFrame = choice.CanForceKeyFrame;
        _lastBuffer = _lastPicture = _nextKeyFrameRequest = clock();
    }

    public bool IsLoopback => _choice.IsLoopback;

    /// <summary>How long it has given pictures.</summary>
    public TimeSpan Live => _firstPicture is { } first ? _clock() - first : TimeSpan.Zero;

    /// <summary>Waits for one buffer at most, a quarter of a second at most, and gives on what is in it.</summary>
    /// <returns>Why it is over; null while it is not.</returns>
    /// <exception cref="V4l2Exception">A call failed: it is over.</exception>
    public V4l2Ending? Turn(bool isKeyFrameWanted)
    {
        _isKeyFrameDue |= isKeyFrameWanted;
        RequestKeyFrame();
        var signals = _node.Wait(WaitMs);
        if (signals.HasFlag(V4l2Signals.Event) && Judge(_node.TakeEvents()) is { } change)
            return change;
        var isTaken = signals != V4l2Signals.None && _node.TryTake(out var frame) && Take(frame);
        if (!isTaken && signals.HasFlag(V4l2Signals.Fault))
            return V4l2Faults.PollFailed(_path);
        if (!isTaken && signals != V4l2Signals.None)
            _system.Pause(s_emptyWake, CancellationToken.None); // a driver that wakes for nothing must not keep a core busy
        return Judge();
    }

    public void Dispose()
    {
        _node.Dispose();
        _reader.Dispose();
    }

    private V4l2Ending? Judge(V4l2Events events) =>
        events.HasFlag(V4l2Events.SourceChanged) ? V4l2Faults.SourceChanged(_path) : events.HasFlag(V4l2Events.Ended) ? V4l2Faults.Ended(_path) : null;

    private V4l2Ending? Judge()
    {
        if (_reader.Fault is { } fault)
            return new(fault, IsRefusal: true);
        if (_nonsense >= Hopeless)
            return V4l2Faults.NotH264(_path);
        var now = _clock();
        var patience = TimeSpan.FromSeconds(_options.StallTimeoutSeconds);
        if (_firstPicture is null && patience < s_startTimeout)
            patience = s_startTimeout;
        if (now - _lastBuffer > patience)
            return V4l2Faults.Stalled(_path, patience);
        if (_isAnnexB && now - _lastPicture > patience)
            _feed.Lose(V4l2Faults.NoKeyFrame(_path).Detail); // goes on: the next one may come
        return null;
    }

    private bool Take(in V4l2Frame frame)
    {
        var now = _clock();
        CountMissed(frame.Sequence);
        if (frame.IsDamaged || frame.Length == 0)
        {
            _drops.Count(Stage.Capture, DropReason.Damaged);
            _isKeyFrameDue = true;
        }
        else
        {
            _lastBuffer = now;
            Read(frame, Stamp(frame.CapturedAt, now));
        }

        _node.GiveBack(frame);
        return true;
    }

    private void Read(in V4l2Frame frame, Instant capturedAt)
    {
        var nalUnits = new AnnexBSpan(_node.Bytes(frame));
        if (nalUnits.SkippedBytes > 0)
            _drops.Count(Stage.Capture, DropReason.Malformed);
        _isAnnexB |= nalUnits.SkippedBytes < frame.Length;
        _nonsense += _isAnnexB ? 0 : 1;

        while (_reader.TryRead(ref nalUnits, capturedAt, _endsPictures) is { } unit)
        {
            using (unit)
                _feed.Give(unit, _reader);
            _lastPicture = _clock();
            _firstPicture ??= _lastPicture;
        }

        if (_reader.PrematureFlushes == _cut)
            return;
        _cut = _reader.PrematureFlushes;
        if (_endsPictures)
            _log.PicturesInPieces(_options.Name);
        _endsPictures = false;
    }

    /// <summary>The driver's time where it is by our clock (CLOCK_MONOTONIC, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) and can be true; else when it came.</summary>
    private static Instant Stamp(Instant? capturedAt, Instant now) => capturedAt is { } at && at <= now && now - at <= s_oldest ? at : now;

    private void CountMissed(uint sequence)
    {
        if (_sequence is { } last && sequence > last + 1) // some drivers do not count, some begin anew
        {
            _drops.Count(Stage.Capture, DropReason.Missed, sequence - last - 1);
            _isKeyFrameDue = true;
        }

        _sequence = sequence;
    }

    /// <summary>For viewers, after damage, and until there is a first picture; once a second at most.</summary>
    private void RequestKeyFrame()
    {
        if (!_canForceKeyFrame || !(_isKeyFrameDue || _firstPicture is null))
            return;
        var now = _clock();
        if (now < _nextKeyFrameRequest)
            return;
        _nextKeyFrameRequest = now + s_keyFrameInterval;
        _isKeyFrameDue = false;
        try
        {
            _node.SetControl(V4l2Control.ForceKeyFrame, 1);
        }
        catch (V4l2Exception failure) when (failure.Error is V4l2Exception.Invalid or V4l2Exception.Busy or V4l2Exception.NoAccess)
        {
            _canForceKeyFrame = false; // listed and yet not to be used: the pictures are worth more
        }
    }
}
